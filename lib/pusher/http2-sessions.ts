import type { ServerHttp2Session } from 'node:http2';

/**
 * The HTTP/2 connections over which streams were asked for. A client keeps its connection long after its stream, and
 * until version 24 Node leaves it open when its server closes, which then waits for it.
 */
export class Http2Sessions {
  readonly #sessions = new Set<ServerHttp2Session>();

  add(session: ServerHttp2Session): void {
    if (!this.#sessions.has(session)) {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    }
  }

  /** Takes no more requests; each connection ends when what is under way on it has ended (RFC 9113 6.8). */
  close(): void {
    for (const session of this.#sessions) {
      session.close();
    }
  }
}
