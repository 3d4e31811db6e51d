import type { OutgoingHttpHeaders } from 'node:http';
import { Writable } from 'node:stream';

/** A response that leads nowhere: what is written to it is handed over at once. Has what a stream uses of node's own. */
export class PaperResponse extends Writable {
  statusCode = 200;
  headersSent = false;
  readonly #headers: OutgoingHttpHeaders = {};
  readonly #onBytes: (bytes: Uint8Array) => void;

  constructor(onBytes: (bytes: Uint8Array) => void) {
    super();
    this.#onBytes = onBytes;
  }

  setHeader(name: string, value: string | string[]): this {
    this.#headers[name.toLowerCase()] = value;
    return this;
  }

  getHeader(name: string): OutgoingHttpHeaders[string] {
    return this.#headers[name.toLowerCase()];
  }

  removeHeader(name: string): void {
    delete this.#headers[name.toLowerCase()];
  }

  writeHead(status: number): this {
    this.statusCode = status;
    this.headersSent = true;
    return this;
  }

  flushHeaders(): void {}

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#onBytes(bytes);
    done();
  }
}
