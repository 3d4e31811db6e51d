import { setImmediate as nextTurn } from 'node:timers/promises';
import type { INestApplication } from '@nestjs/common';
import { addressOf } from './app-address.js';
import type { OpenStreamInit } from './open-stream-init.js';
import { Reception } from './reception.js';
import { requestParts } from './request-parts.js';
import { serverStreamOf } from './server-stream.js';
import { TestConnection } from './test-connection.js';
import { TestStream } from './test-stream.js';

const TIMEOUT_MS = 3000;

/**
 * Opens a stream of an application, over a socket. An application that does not listen yet is initialised and listens on a
 * free port of the loopback interface.
 *
 * The stream is open when this resolves: it is in `SseStreamRegistry`, its source is subscribed to and its channels are
 * followed, so that whatever is published from now on reaches it. (Where a handler calls `pusher.open()` and subscribes
 * later, wait for what it sends then.) A request that is refused resolves too, with the whole response.
 *
 * @param app on Express or Fastify, over HTTP/1.1
 * @param path with its query, such as `/orders?of=1,2`
 * @throws SseTestError (as a rejection) when the response does not begin in time, and when there is none
 * @throws the reason of `init.signal` (as a rejection) when that is aborted before
 *
 * @example
 * ```ts
 * const stream = await openStream(app, '/orders', { headers: { authorization }, lastEventId: '7' });
 * expect(stream.status).toBe(200);
 * ```
 */
export async function openStream(app: INestApplication, path: string, init: OpenStreamInit = {}): Promise<TestStream> {
  const { signal, timeoutMs = TIMEOUT_MS, awaitHead = true } = init;
  const address = await addressOf(app);
  signal?.throwIfAborted();
  const parts = requestParts(init);
  const reception = new Reception(`${parts.method} ${path}`, init.lastEventId);
  const connection = new TestConnection(address, path, parts, reception);
  const serverStream = () => serverStreamOf(app, connection.localPort);
  const stream = new TestStream(connection, reception, serverStream);
  const leave = () => void stream.close();
  signal?.addEventListener('abort', leave, { once: true });
  void reception.closed.then(() => signal?.removeEventListener('abort', leave));
  try {
    const answered = reception.answered(timeoutMs, () => !awaitHead && serverStream() !== undefined);
    await (awaitHead ? answered : lookEachTurn(reception, answered));
  } catch (error) {
    await stream.close();
    signal?.throwIfAborted();
    throw error;
  }
  return stream;
}

/** Nothing announces that a handler was called. Once it was, it gets a turn to subscribe to what it has returned. */
async function lookEachTurn(reception: Reception, answered: Promise<void>): Promise<void> {
  let isSettled = false;
  const settled = answered.finally(() => {
    isSettled = true;
  });
  while (!isSettled) {
    await Promise.race([settled, nextTurn()]);
    reception.look();
  }
  await settled;
  await nextTurn();
}
