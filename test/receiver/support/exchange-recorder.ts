import type { IncomingHttpHeaders } from 'node:http';
import { deflate } from 'node:zlib';
import type { ExchangeEvents } from '../../../lib/receiver/transport.js';

/** Keeps what an exchange tells; what it tells can be waited for. */
export class ExchangeRecorder implements ExchangeEvents {
  sent = false;
  status: number | undefined;
  headers: IncomingHttpHeaders = {};
  text = '';
  bytes = 0;
  chunks = 0;
  largestChunk = 0;
  /** How it ended, once it has. */
  outcome: 'end' | Error | undefined;
  /** What was told after the end. */
  readonly late: string[] = [];
  /** Runs with each chunk. */
  onChunk: () => void = () => {};
  private waiting: (() => void)[] = [];

  /** @param keepText off where the text would be too large to keep */
  constructor(private readonly keepText = true) {}

  /** Resolves as soon as the condition holds; it is looked at with whatever is told. */
  async until(condition: (recorder: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  onSent(): void {
    this.tell('sent', () => {
      this.sent = true;
    });
  }

  onResponse(status: number, headers: IncomingHttpHeaders): void {
    this.tell('response', () => {
      this.status = status;
      this.headers = headers;
    });
  }

  onData(chunk: Uint8Array): void {
    this.tell('data', () => {
      if (this.keepText) this.text += Buffer.from(chunk).toString('latin1');
      this.bytes += chunk.length;
      this.chunks++;
      this.largestChunk = Math.max(this.largestChunk, chunk.length);
      this.onChunk();
    });
  }

  onEnd(): void {
    this.tell('end', () => {
      this.outcome = 'end';
    });
  }

  onError(error: Error): void {
    this.tell('error', () => {
      this.outcome = error;
    });
  }

  private tell(what: string, record: () => void): void {
    if (this.outcome) this.late.push(what);
    record();
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Lets everything happen that is on its way, zlib's work in other threads too: to test that something does not. */
export async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    await new Promise((resolve) => deflate('a turn of zlib', resolve));
    await new Promise(setImmediate);
  }
}
