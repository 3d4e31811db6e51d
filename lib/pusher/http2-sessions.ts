import { Server as HttpServer } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import { Server as HttpsServer } from 'node:https';
import { Server, type Socket } from 'node:net';
import { OnceListeners } from './once-listeners.js';

/**
 * The HTTP/2 connections over which streams were asked for. A client keeps its connection long after its stream, and
 * until version 24 Node leaves it open when its server closes, which then waits for it.
 */
export class Http2Sessions {
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #emptied = new OnceListeners();
  /** A session does not hand out its socket, and cannot be made to end it: they are told by the peer's address. */
  readonly #sockets = new Map<string, Socket>();
  #drainMs: number | undefined;

  /** Takes note of the sockets of a server, so that its sessions can be cut off; only HTTP/2 has sessions. */
  watch(server: unknown): void {
    if (!(server instanceof Server) || server instanceof HttpServer || server instanceof HttpsServer) {
      return;
    }
    server.on('connection', (socket: Socket) => {
      const peer = peerOf(socket);
      this.#sockets.set(peer, socket);
      socket.once('close', () => this.#sockets.delete(peer));
    });
  }

  add(session: ServerHttp2Session): void {
    if (this.#sessions.has(session)) {
      return;
    }
    this.#sessions.add(session);
    session.once('close', () => {
      this.#sessions.delete(session);
      if (this.#sessions.size === 0) {
        this.#emptied.fire();
      }
    });
    if (this.#drainMs !== undefined) {
      this.#dismiss(session, this.#drainMs);
    }
  }

  /**
   * Asks every peer to leave when what is under way on its connection has ended, and cuts off those that have not done so
   * after `deadlineMs`. Resolves when all have gone.
   */
  drain(deadlineMs: number): Promise<void> {
    this.#drainMs = deadlineMs;
    if (this.#sessions.size === 0) {
      return Promise.resolve();
    }
    const emptied = new Promise<void>((resolve) => this.#emptied.add(resolve));
    for (const session of this.#sessions) {
      this.#dismiss(session, deadlineMs);
    }
    return emptied;
  }

  /**
   * GOAWAY asks the peer to leave (RFC 9113 6.8). A session that has begun to close waits, even when it is destroyed, for a
   * peer that may never read to the end, so in the end it is the socket that goes.
   */
  #dismiss(session: ServerHttp2Session, deadlineMs: number): void {
    if (session.destroyed) {
      return;
    }
    const socket = this.#sockets.get(peerOf(session.socket));
    const deadline = setTimeout(() => {
      session.destroy();
      socket?.destroy();
    }, deadlineMs);
    session.once('close', () => clearTimeout(deadline));
    session.goaway();
  }
}

function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}
