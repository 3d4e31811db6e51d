import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { SseStreamRegistry } from 'nestjs-event-stream';
import { HistoryFile } from './history-file.js';
import { MachineProbe } from './machine-probe.js';
import { SampleHistory } from './sample-history.js';
import { nextSampleId } from './sample-id.js';

const SAMPLE_EVERY_MS = 1000;

/** Takes a sample each second, whoever listens. */
@Injectable()
export class SamplerService implements OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly probe: MachineProbe,
    private readonly history: SampleHistory,
    private readonly file: HistoryFile,
    private readonly streams: SseStreamRegistry,
  ) {}

  /** Called when the port is ours: before that, the file may be another process's. */
  start(): void {
    this.timer ??= setInterval(() => this.sample(), SAMPLE_EVERY_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
    this.file.close();
  }

  private sample(): void {
    const at = Date.now();
    const previousId = this.history.newestId;
    const id = nextSampleId(previousId, at);
    const sample = { id, previousId, at, ...this.probe.read(), openStreams: this.streams.count };
    this.file.add(sample, this.history);
    this.history.append(sample);
  }
}
