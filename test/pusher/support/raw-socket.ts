import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

/** A TCP connection that is written to and read byte by byte, for what no HTTP client would do. */
export class RawSocket {
  text = '';
  /** The server has ended its half. */
  ended = false;
  closed = false;
  readonly #changed = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.text += chunk;
      this.#look();
    });
    socket.on('end', () => {
      this.ended = true;
      this.#look();
    });
    socket.on('close', () => {
      this.closed = true;
      this.#look();
    });
    socket.on('error', () => {});
  }

  static async connect(port: number): Promise<RawSocket> {
    const socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen: false });
    await once(socket, 'connect');
    return new RawSocket(socket);
  }

  /** Sends a GET request, or several that are pipelined. */
  get(...paths: string[]): this {
    this.socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join(''));
    return this;
  }

  send(text: string): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Resolves when what has arrived satisfies the condition. */
  until(condition: (text: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (condition(this.text)) {
          this.#changed.delete(look);
          resolve(this.text);
        } else if (this.closed) {
          reject(new Error(`The connection was closed after ${JSON.stringify(this.text.slice(-1000))}`));
        }
      };
      this.#changed.add(look);
      look();
    });
  }

  untilText(part: string): Promise<string> {
    return this.until((text) => text.includes(part));
  }

  /** Resolves when the connection is over, whoever closed it. */
  untilClosed(): Promise<string> {
    return this.until(() => this.closed);
  }

  /** Stops reading, so that the server's writes pile up. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Leaves in good order. */
  leave(): void {
    this.socket.destroy();
  }

  /** Leaves with a TCP reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #look(): void {
    for (const look of [...this.#changed]) {
      look();
    }
  }
}
