import type { IncomingHttpHeaders } from 'node:http';
import { ChunkGatherer } from './chunk-gatherer.js';
import { contentCodingOf } from './content-coding.js';
import { Decompressor } from './decompressor.js';
import type { Exchange, ExchangeEvents, Transport, TransportRequest } from './transport.js';

/** Stands between an exchange and whoever it tells: what it tells of a compressed response is decompressed. */
export class DecompressingExchange implements Exchange, ExchangeEvents {
  private inner: Exchange | undefined;
  /** Absent where the response is passed through as it is. */
  private decompressor: Decompressor | undefined;
  private readonly gatherer = new ChunkGatherer((bytes) => this.decompress(bytes));
  private over = false;
  private paused = false;
  private full = false;

  constructor(private readonly events: ExchangeEvents) {}

  begin(transport: Transport, request: TransportRequest): void {
    this.inner = transport.send(request, this);
  }

  pause(): void {
    this.paused = true;
    this.decompressor?.pause();
    this.inner?.pause();
  }

  resume(): void {
    this.paused = false;
    this.decompressor?.resume();
    if (!this.full) this.inner?.resume();
  }

  async abort(): Promise<void> {
    this.over = true;
    this.decompressor?.destroy();
    await this.inner?.abort();
  }

  onSent(): void {
    if (!this.over) this.events.onSent();
  }

  onResponse(status: number, headers: IncomingHttpHeaders): void {
    if (this.over) return;
    const coding = contentCodingOf(headers);
    if (!coding) {
      this.events.onResponse(status, headers);
      return;
    }
    this.decompressor = new Decompressor(coding, {
      onData: (chunk) => this.events.onData(chunk),
      onDrain: () => this.takeMore(),
      onEnd: () => this.conclude(() => this.events.onEnd()),
      onError: (error) => this.conclude(() => this.events.onError(error)),
    });
    if (this.paused) this.decompressor.pause();
    const { 'content-encoding': _coding, 'content-length': _length, ...rest } = headers;
    this.events.onResponse(status, rest);
  }

  onData(chunk: Uint8Array): void {
    if (this.over) return;
    if (this.decompressor) this.gatherer.add(chunk);
    else this.events.onData(chunk);
  }

  onEnd(): void {
    this.gatherer.flush();
    if (this.decompressor) this.decompressor.end();
    else this.conclude(() => this.events.onEnd());
  }

  onError(error: Error): void {
    this.gatherer.flush();
    if (this.decompressor) this.decompressor.fail(error);
    else this.conclude(() => this.events.onError(error));
  }

  private decompress(bytes: Uint8Array): void {
    if (this.over || this.decompressor?.write(bytes)) return;
    this.full = true;
    this.inner?.pause();
  }

  private takeMore(): void {
    this.full = false;
    if (!this.paused) this.inner?.resume();
  }

  private conclude(tell: () => void): void {
    if (this.over) return;
    // The compressed data can be over, or found to be corrupt, with the exchange still under way.
    void this.abort();
    tell();
  }
}
