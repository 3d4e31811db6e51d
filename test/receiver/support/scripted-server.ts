import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What the server does with one request. */
export type Act = (response: ServerResponse, request: IncomingMessage) => void;

export interface SeenRequest {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Promise<string>;
}

/** A server that plays one act for each request, the last one for all that follow. */
export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  readonly responses: ServerResponse[] = [];
  readonly sockets = new Set<Socket>();
  private readonly awaited: { readonly count: number; readonly resolve: () => void }[] = [];

  private constructor(
    private readonly server: Server,
    private acts: readonly Act[],
  ) {}

  static async start(...acts: Act[]): Promise<ScriptedServer> {
    const server = createServer();
    const scripted = new ScriptedServer(server, acts);
    server.on('request', (request, response) => scripted.play(request, response));
    server.on('connection', (socket: Socket) => {
      scripted.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => scripted.sockets.delete(socket));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return scripted;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `${this.origin}/stream`;
  }

  script(...acts: Act[]): void {
    this.acts = acts;
  }

  /** Listens on another port instead. */
  async moveTo(port: number): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
    await once(this.server.listen(port, '127.0.0.1'), 'listening');
  }

  /** The n-th response (from 1), once its request is there. */
  async response(count: number): Promise<ServerResponse> {
    if (this.responses.length < count) {
      await new Promise<void>((resolve) => this.awaited.push({ count, resolve }));
    }
    return this.responses[count - 1] as ServerResponse;
  }

  /** Resolves when no client is connected any more. */
  async deserted(): Promise<void> {
    // Not once(): it would reject where a client resets its connection, which is a way to leave.
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve))));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  private play(request: IncomingMessage, response: ServerResponse): void {
    const act = this.acts[Math.min(this.requests.length, this.acts.length - 1)];
    const body = readAll(request);
    this.requests.push({ method: request.method, url: request.url, headers: request.headers, body });
    this.responses.push(response);
    act?.(response, request);
    for (const { count, resolve } of this.awaited) {
      if (this.responses.length >= count) resolve();
    }
  }
}

/** Answers 200 with an event stream, writes these frames, and leaves it open. */
export const stream =
  (...frames: string[]): Act =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames.join('') || ':\n');
  };

/** As {@link stream}, and ends in good order. */
export const streamAndEnd =
  (...frames: string[]): Act =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(frames.join(''));
  };

/** As {@link stream}, and hangs up in the middle once the frames are out. */
export const streamAndCut =
  (...frames: string[]): Act =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(frames.join(''), () => response.socket?.destroy());
  };

/** Answers with a status, headers and a body. */
export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Act =>
  (response) => {
    response.writeHead(status, headers).end(body);
  };

/** Never answers. */
export const silence: Act = () => {};

/** Resets the connection instead of answering. */
export const reset: Act = (response) => {
  response.socket?.resetAndDestroy();
};

/** The frames of messages that have these numbers as their ids and their data. */
export const numbered = (...ids: number[]): string => ids.map((id) => `id: ${id}\ndata: ${id}\n\n`).join('');

async function readAll(request: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
  } catch {
    // The client went in the middle: what came is what there is.
  }
  return text;
}
