import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { type ReceivedMessage, SseDecoder } from '../../../lib/protocol/index.js';

/** A client that can be cut off anywhere, comes back with the id that it stands at, and keeps what it was ever sent. */
export class StreamClient {
  readonly messages: ReceivedMessage[] = [];
  lastEventId = '';
  /** Status of the last response. */
  status: number | undefined;
  connections = 0;
  ended = false;
  #request: ClientRequest | undefined;
  #response: IncomingMessage | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(
    private readonly port: number,
    private readonly path: string,
  ) {}

  get isConnected(): boolean {
    return this.#request !== undefined;
  }

  get data(): string[] {
    return this.messages.map(({ data }) => data);
  }

  connect(): this {
    this.cut();
    this.connections++;
    this.ended = false;
    this.status = undefined;
    const headers: Record<string, string> = this.lastEventId ? { 'Last-Event-ID': this.lastEventId } : {};
    const outgoing = request({ host: '127.0.0.1', port: this.port, path: this.path, headers, agent: false });
    this.#request = outgoing;
    outgoing.on('error', () => this.#leftBy(outgoing));
    outgoing.on('close', () => this.#leftBy(outgoing));
    outgoing.on('response', (response) => {
      this.#response = response;
      this.status = response.statusCode;
      const decoder = new SseDecoder({
        lastEventId: this.lastEventId,
        onMessage: (message) => this.messages.push(message),
        onId: (id) => {
          this.lastEventId = id;
        },
      });
      response.on('data', (chunk: Buffer) => {
        if (this.#request === outgoing) {
          decoder.push(chunk);
          this.#look();
        }
      });
      response.on('end', () => {
        this.ended = this.#request === outgoing;
        this.#look();
      });
      response.on('error', () => {});
      this.#look();
    });
    outgoing.end();
    return this;
  }

  cut(): void {
    const outgoing = this.#request;
    this.#request = undefined;
    this.#response = undefined;
    outgoing?.destroy();
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  /** Resolves when the condition holds after something has come. */
  until(condition: (client: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (condition(this)) {
          this.#waiting.delete(look);
          resolve();
        }
      };
      this.#waiting.add(look);
      look();
    });
  }

  #leftBy(outgoing: ClientRequest): void {
    if (this.#request === outgoing) {
      this.#request = undefined;
    }
    this.#look();
  }

  #look(): void {
    for (const look of [...this.#waiting]) {
      look();
    }
  }
}
