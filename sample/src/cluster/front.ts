import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';

interface Target {
  readonly url: string | undefined;
}

/** Hands each request to the next instance that can be reached, and streams both ways. */
export class Front {
  private readonly server: Server;
  private turn = 0;

  constructor(private readonly targets: readonly Target[]) {
    this.server = createServer((incoming, response) => this.forward(incoming, response, this.nextTargets()));
  }

  /** @returns the URL at which it listens */
  async listen(port: number, host: string): Promise<string> {
    this.server.listen(port, host);
    await once(this.server, 'listening');
    const { port: given } = this.server.address() as AddressInfo;
    return `http://${host}:${given}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  /** All that are there, the one whose turn it is first. */
  private nextTargets(): string[] {
    const urls = this.targets.flatMap(({ url }) => url ?? []);
    const first = this.turn++ % Math.max(urls.length, 1);
    return [...urls.slice(first), ...urls.slice(0, first)];
  }

  private forward(incoming: IncomingMessage, response: ServerResponse, [target, ...others]: string[]): void {
    if (target === undefined) {
      response.writeHead(503, { 'content-type': 'text/plain' }).end('No instance of the sample can be reached.\n');
      return;
    }
    const { method, headers, url } = incoming;
    const outgoing = request(new URL(url ?? '/', target), { method: method!, headers, agent: false });
    let connected = false;
    outgoing.once('socket', (socket) => {
      socket.setNoDelay(true);
      socket.once('connect', () => {
        connected = true;
        // Only now: what nobody has received yet can still go to another one.
        incoming.pipe(outgoing);
      });
    });
    outgoing.once('response', (answer) => sendBack(answer, response));
    outgoing.once('error', () => {
      if (connected || response.destroyed) response.destroy();
      else this.forward(incoming, response, others);
    });
    response.once('close', () => outgoing.destroy());
  }
}

/** Whoever is in the middle of an answer when its instance dies loses the connection, and so comes back to another one. */
function sendBack(answer: IncomingMessage, response: ServerResponse): void {
  const { connection, 'keep-alive': keepAlive, 'transfer-encoding': encoding, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, headers);
  response.flushHeaders();
  pipeline(answer, response, () => {});
}
