import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpExchange } from '../../../lib/pusher/http-exchange.js';
import { RawSocket } from './raw-socket.js';

/** A request of a real client that waits for its answer, without any framework around it. */
export interface OpenExchange {
  readonly exchange: HttpExchange;
  readonly response: ServerResponse;
  readonly client: RawSocket;
  close(): Promise<void>;
}

export async function openExchange(): Promise<OpenExchange> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const asked = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
  const client = (await RawSocket.connect((server.address() as AddressInfo).port)).get('/');
  const [request, response] = await asked;
  return {
    exchange: new HttpExchange(request, response),
    response,
    client,
    async close() {
      client.leave();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
