import type { Transform } from 'node:stream';
import { type ContentCoding, createDecoder } from './content-coding.js';
import { SseDecompressError } from './decompress.error.js';

/** What comes out of a {@link Decompressor}. Nothing is told after `onEnd`, `onError` or {@link Decompressor.destroy}. */
export interface DecompressorEvents {
  /** At most 16 KiB. */
  onData(chunk: Uint8Array): void;
  /** More may be written, after {@link Decompressor.write} said that it was enough. */
  onDrain(): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** What may come out in any case: small streams can be very repetitive. */
const FREE_BYTES = 16 * 1024 * 1024;
/** What may come out for each byte that went in. Deflate reaches 1,032, text hardly 20. */
const MAX_RATIO = 250;

/**
 * Decompresses one response, as far as its bytes have come, at the pace of whoever takes what comes out. Everything
 * does before an end or an error is told; only of bytes written along with corrupt ones zlib may give nothing.
 */
export class Decompressor {
  private stream: Transform | undefined;
  private over = false;
  private paused = false;
  private unwritten = 0;
  private bytesIn = 0;
  private bytesOut = 0;
  private finish: (() => void) | undefined;

  constructor(
    private readonly coding: ContentCoding,
    private readonly events: DecompressorEvents,
  ) {}

  /** @returns whether more may be written before `onDrain` */
  write(bytes: Uint8Array): boolean {
    const [firstByte] = bytes;
    if (firstByte === undefined) return true;
    this.stream ??= this.open(firstByte);
    this.bytesIn += bytes.length;
    this.unwritten++;
    return this.stream.write(bytes, (error) => {
      this.unwritten--;
      // What went wrong is told by the stream itself.
      if (!error) this.finishWhenDrained();
    });
  }

  /** No more bytes come: ends, or fails when the compressed data is incomplete, once everything was taken. */
  end(): void {
    this.finish = () => (this.stream ? this.stream.end() : this.complete());
    this.finishWhenDrained();
  }

  /** No more bytes come, for this reason: fails with it once everything was taken. */
  fail(error: Error): void {
    this.finish = () => this.conclude(() => this.events.onError(error));
    this.finishWhenDrained();
  }

  /** Lets nothing more come out. */
  pause(): void {
    this.paused = true;
    this.stream?.pause();
  }

  resume(): void {
    this.paused = false;
    this.stream?.resume();
  }

  destroy(): void {
    this.over = true;
    this.stream?.destroy();
  }

  private open(firstByte: number): Transform {
    const stream = createDecoder(this.coding, firstByte);
    if (this.paused) stream.pause();
    return stream
      .on('data', (chunk: Uint8Array) => this.handOut(chunk))
      .on('drain', () => this.over || this.events.onDrain())
      .on('end', () => this.complete())
      .on('error', (error: NodeJS.ErrnoException) => this.conclude(() => this.events.onError(this.explain(error))));
  }

  private handOut(chunk: Uint8Array): void {
    if (this.over) return;
    this.bytesOut += chunk.length;
    if (this.bytesOut > FREE_BYTES + MAX_RATIO * this.bytesIn) {
      this.conclude(() => this.events.onError(this.tooCompressed()));
      return;
    }
    this.events.onData(chunk);
    this.finishWhenDrained();
  }

  /** Only then: at its end the stream can find an error, and drops what is left in it. */
  private finishWhenDrained(): void {
    if (this.over || !this.finish || this.unwritten > 0 || this.stream?.readableLength) return;
    const { finish } = this;
    this.finish = undefined;
    finish();
  }

  /** The compressed data is complete. */
  private complete(): void {
    this.conclude(() => this.events.onEnd());
  }

  private conclude(tell: () => void): void {
    if (this.over) return;
    this.destroy();
    tell();
  }

  private explain(cause: NodeJS.ErrnoException): Error {
    // As any connection that is cut off: another attempt may get further.
    if (cause.code === 'Z_BUF_ERROR') {
      return new Error(`The response ended in the middle of its ${this.coding} data`, { cause });
    }
    const message = `The response's ${this.coding} data is corrupt: ${cause.message}. Set decompress: false to get the stream uncompressed.`;
    return new SseDecompressError('corrupt', message, { cause });
  }

  private tooCompressed(): SseDecompressError {
    const message = `The response's ${this.coding} data grew to more than 16 MiB and ${MAX_RATIO} times its size, as decompression bombs do. Set decompress: false if the server is to be trusted: its stream then comes uncompressed.`;
    return new SseDecompressError('too-compressed', message);
  }
}
