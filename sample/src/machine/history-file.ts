import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { Logger } from '@nestjs/common';
import type { MachineSample } from './machine-sample.js';
import { SampleHistory } from './sample-history.js';
import { isKeptSample } from './sample-shape.js';

/**
 * Keeps the history over a restart: a file with one line for the floor and one for each sample. A sample is written
 * before anybody gets it, so that no client, after however hard a crash, knows an id that the file does not.
 */
export class HistoryFile {
  private readonly logger = new Logger(HistoryFile.name);
  private descriptor: number | undefined;
  private linesAdded = 0;
  private broken = false;

  constructor(
    private readonly path: string,
    private readonly capacity: number,
  ) {}

  /** The history that was kept, or a new one that begins now. Reading stops at the first line that makes no sense. */
  load(now: number): SampleHistory {
    const [head, ...lines] = this.readLines();
    const floor = (parse(head) as { floor?: unknown } | null | undefined)?.floor;
    const history = new SampleHistory(this.capacity, Number.isSafeInteger(floor) ? (floor as number) : now);
    if (history.floor !== floor) return history;
    for (const line of lines) {
      const sample = parse(line);
      if (!isKeptSample(sample) || sample.id <= history.newestId) break;
      history.append(sample);
    }
    return history;
  }

  /**
   * @param history what is kept so far
   *
   * Without a file all works but the resuming after a restart, so a failure is told once and borne.
   */
  add(sample: MachineSample, history: SampleHistory): void {
    if (this.broken) return;
    try {
      if (this.descriptor === undefined || this.linesAdded >= this.capacity) this.rewrite(history);
      writeSync(this.descriptor!, toLine(sample));
      this.linesAdded++;
    } catch (error) {
      this.broken = true;
      this.logger.warn(`Samples will not outlive a restart: ${(error as Error).message}`);
    }
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }

  /** Also the first time: a crash may have left half a line. The file is never there in part, nor is a link followed. */
  private rewrite(history: SampleHistory): void {
    this.close();
    const draft = `${this.path}.new`;
    rmSync(draft, { force: true });
    this.descriptor = openSync(draft, 'wx', 0o600);
    writeSync(this.descriptor, [{ floor: history.floor }, ...history.after(history.floor)].map(toLine).join(''));
    renameSync(draft, this.path);
    this.linesAdded = 0;
  }

  private readLines(): string[] {
    try {
      return readFileSync(this.path, 'utf8').split('\n');
    } catch {
      return [];
    }
  }
}

function toLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function parse(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return undefined;
  }
}
