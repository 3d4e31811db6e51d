import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import { SseTestError } from './test.error.js';

/** Where requests go, as node's `http.request()` takes it. */
export type AppAddress = { readonly host: string; readonly port: number } | { readonly socketPath: string };

/** Applications that are about to listen, for several streams may be opened at once, or have: none does so a second time. */
const started = new WeakMap<INestApplication, Promise<unknown>>();

/**
 * Has the application listen on a free port of the loopback interface, unless it listens already.
 *
 * @throws SseTestError when it was closed
 */
export async function addressOf(app: INestApplication): Promise<AppAddress> {
  const server: Server = app.getHttpServer();
  const listening = started.get(app) ?? (server.listening ? Promise.resolve() : app.listen(0, '127.0.0.1'));
  started.set(app, listening);
  await listening;
  const address = server.address();
  if (address === null) {
    throw new SseTestError('cut', 'The application does not listen any more');
  }
  if (typeof address === 'string') {
    return { socketPath: address };
  }
  const isAnywhere = address.address === '::' || address.address === '0.0.0.0';
  return { host: isAnywhere ? '127.0.0.1' : address.address, port: address.port };
}
