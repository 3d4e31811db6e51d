import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** The network in front of a server: what goes through it can be cut while both sides live on. */
export class Relay {
  private readonly sockets = new Set<Socket>();
  private isDown = false;
  /** What the server has sent. */
  answered = '';

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Relay> {
    const relay = new Relay(createServer((socket) => relay.join(socket, port)));
    await once(relay.server.listen(0, '127.0.0.1'), 'listening');
    return relay;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Cuts what goes through it, and everything that tries to, until {@link mend}. */
  cut(): void {
    this.isDown = true;
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.isDown = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, port: number): void {
    if (this.isDown) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(port, '127.0.0.1');
    server.on('data', (bytes) => {
      this.answered += bytes.toString('latin1');
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
