import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** What the server does with one connection, once the head of its request is there. */
export type RawAct = (socket: Socket) => void;

/** A server that says what no HTTP library would: one act for each connection, the last one for all that follow. */
export class RawServer {
  /** The heads of the requests so far, each byte as one character. */
  readonly heads: string[] = [];
  readonly sockets = new Set<Socket>();
  private connections = 0;

  private constructor(
    private readonly server: Server,
    private acts: readonly RawAct[],
  ) {}

  static async start(...acts: RawAct[]): Promise<RawServer> {
    const server = createServer();
    const raw = new RawServer(server, acts);
    server.on('connection', (socket) => raw.accept(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return raw;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/stream`;
  }

  script(...acts: RawAct[]): void {
    this.acts = acts;
  }

  /** Resolves when no client is connected any more. */
  async deserted(): Promise<void> {
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private accept(socket: Socket): void {
    const act = this.acts[Math.min(this.connections++, this.acts.length - 1)];
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    let head = '';
    const read = (bytes: Buffer) => {
      head += bytes.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', read);
      // It has to be read on, or the end of the connection would never be seen.
      socket.resume();
      this.heads.push(head);
      act?.(socket);
    };
    socket.on('data', read);
  }
}

/** The head of a response with an event stream, and more header lines. */
export const head = (...lines: string[]): string =>
  ['HTTP/1.1 200 OK', 'content-type: text/event-stream', ...lines, '', ''].join('\r\n');

/** Writes this, and leaves the connection open. */
export const say =
  (...parts: readonly (string | Uint8Array)[]): RawAct =>
  (socket) =>
    void socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))));

/** As {@link say}, and hangs up in good order. */
export const sayAndEnd =
  (...parts: readonly (string | Uint8Array)[]): RawAct =>
  (socket) =>
    void socket.end(Buffer.concat(parts.map((part) => Buffer.from(part))));

/** As {@link say}, and resets the connection once the client has had the time to read it. */
export const sayAndReset =
  (...parts: readonly (string | Uint8Array)[]): RawAct =>
  (socket) => {
    socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))), () =>
      setImmediate(() => setImmediate(() => socket.resetAndDestroy())),
    );
  };

/** Writes the beginning, and then the same over and over, as fast as it is taken, up to so many bytes. */
export const repeat =
  (beginning: string, part: string, limit: number): RawAct =>
  (socket) => {
    const block = Buffer.from(part.repeat(Math.ceil(65_536 / part.length)));
    socket.write(beginning);
    const write = () => {
      while (!socket.destroyed && socket.bytesWritten + socket.writableLength < limit) {
        if (!socket.write(block)) return;
      }
    };
    socket.on('drain', write);
    write();
  };
