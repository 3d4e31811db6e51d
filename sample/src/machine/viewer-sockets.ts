import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';

/** The sockets of those who gave their stream a name, so that they can have it cut and see what happens then. */
@Injectable()
export class ViewerSockets {
  private readonly sockets = new Map<string, Socket>();

  remember(viewer: string, socket: Socket): void {
    this.sockets.set(viewer, socket);
    socket.once('close', () => {
      if (this.sockets.get(viewer) === socket) this.sockets.delete(viewer);
    });
  }

  /** As a lost network would: without an end, without a goodbye. @returns whether there was something to cut */
  cut(viewer: string): boolean {
    const socket = this.sockets.get(viewer);
    socket?.destroy();
    return socket !== undefined;
  }
}
