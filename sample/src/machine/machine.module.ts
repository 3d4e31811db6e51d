import { type DynamicModule, Module } from '@nestjs/common';
import { HistoryFile } from './history-file.js';
import { MachineController } from './machine.controller.js';
import { MachineProbe } from './machine-probe.js';
import { SampleHistory } from './sample-history.js';
import { SamplerService } from './sampler.service.js';
import { ViewerSockets } from './viewer-sockets.js';

/** Ten minutes. */
const SAMPLES_KEPT = 600;

@Module({
  controllers: [MachineController],
  providers: [MachineProbe, SamplerService, ViewerSockets],
})
export class MachineModule {
  static keeping(historyFile: string): DynamicModule {
    return {
      module: MachineModule,
      providers: [
        { provide: HistoryFile, useValue: new HistoryFile(historyFile, SAMPLES_KEPT) },
        {
          provide: SampleHistory,
          inject: [HistoryFile],
          useFactory: (file: HistoryFile) => file.load(Date.now()),
        },
      ],
      exports: [SampleHistory],
    };
  }
}
