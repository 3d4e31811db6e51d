import { type ClientRequest, request } from 'node:http';
import { SseDecoder } from '../../../lib/protocol/index.js';

/** A client that comes back with its id, to any instance, and keeps what it was ever sent. */
export class SoakStream {
  readonly got: string[] = [];
  /** Of each message that it got: the number and port of the connection that brought it, and its id. */
  readonly ways: string[] = [];
  /** Data of the events that told it of lost messages. */
  readonly gaps: string[] = [];
  connections = 0;
  #lastEventId = '';
  #request: ClientRequest | undefined;
  readonly #path: string;

  constructor(channels: readonly string[]) {
    this.#path = `/stream?of=${channels.join(',')}`;
  }

  get isConnected(): boolean {
    return this.#request !== undefined;
  }

  connect(port: number): void {
    this.cut();
    this.connections++;
    const headers: Record<string, string> = this.#lastEventId ? { 'Last-Event-ID': this.#lastEventId } : {};
    const outgoing = request({ host: '127.0.0.1', port, path: this.#path, headers, agent: false });
    this.#request = outgoing;
    const left = () => {
      if (this.#request === outgoing) this.#request = undefined;
    };
    outgoing.on('error', left).on('close', left);
    outgoing.on('response', (response) => {
      const decoder = new SseDecoder({
        lastEventId: this.#lastEventId,
        onMessage: ({ event, data, lastEventId }) => {
          if (event === 'gap') this.gaps.push(data);
          else this.ways[this.got.push(data) - 1] = `${data} ${this.connections}@${port} ${lastEventId}`;
        },
        onId: (id) => {
          this.#lastEventId = id;
        },
      });
      response.on('data', (chunk: Buffer) => this.#request === outgoing && decoder.push(chunk));
      response.on('error', left);
    });
    outgoing.end();
  }

  cut(): void {
    const outgoing = this.#request;
    this.#request = undefined;
    outgoing?.destroy();
  }
}
