import type { Readable } from 'node:stream';

/**
 * Holds up what is read from a socket of ours. It takes the place of pausing undici's parser: with that one paused, the
 * end or the reset of a response without a length throws out of the socket's own events, where nobody can catch it.
 */
export class SocketGate {
  private isShut = false;

  constructor(private readonly socket: Readable) {
    const read = socket.read.bind(socket);
    socket.read = (size) => (this.isShut ? null : read(size));
  }

  /** What the socket broke of, if it did. */
  get failure(): Error | null {
    return this.socket.errored;
  }

  shut(): void {
    this.isShut = true;
  }

  /** What has come meanwhile, an end included, was announced when nobody could read it: it is announced again. */
  open(): void {
    this.isShut = false;
    this.socket.emit('readable');
  }
}
