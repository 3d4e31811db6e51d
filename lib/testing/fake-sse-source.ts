import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers';
import { decodeLastEventId, EVENT_STREAM_HEADERS, formatMessage, type SseMessage } from '../protocol/index.js';
import type { FakeSourceRequest } from './fake-source-request.js';
import { SseTestError } from './test.error.js';
import { Waiters } from './waiters.js';

const TIMEOUT_MS = 3000;

type Act = (response: ServerResponse) => void;

interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * An event source on the loopback interface, for tests of what receives: `SseReceiverService`, `@OnSseEvent()`, or any other
 * client. It answers every path and method with a stream. What it is told to send or do while nobody is connected waits for
 * the next connection, so that nothing depends on when a receiver connects: a whole story can be told in advance.
 *
 * @example
 * ```ts
 * const shop = await FakeSseSource.start();
 * shop.emit({ id: '1', data: { tea: 2 } });
 * shop.cut(); // in the middle of the stream
 * shop.refuse(503); // when it comes back
 * shop.emit({ id: '2', data: { milk: 1 } }); // when it comes back again
 * shop.end();
 * shop.refuse(204); // and that is all
 * await orders.run(shop.url);
 * expect(shop.lastEventIds).toEqual([undefined, '1', '1', '2']);
 * await shop.close();
 * ```
 */
export class FakeSseSource {
  /** Every request so far, those that were refused among them. */
  readonly requests: FakeSourceRequest[] = [];
  readonly #server: Server;
  readonly #open = new Set<ServerResponse>();
  /** What is to become of the requests that are yet to come, in this order. */
  readonly #story: (Act | Refusal)[] = [];
  readonly #waiters = new Waiters();

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => void this.#answer(request, response));
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(): Promise<FakeSseSource> {
    const server = createServer();
    const source = new FakeSseSource(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return source;
  }

  /** Where it is. Any path under it will do. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Streams that are open now. */
  get connections(): number {
    return this.#open.size;
  }

  /** What each request so far had as `Last-Event-ID`. */
  get lastEventIds(): readonly (string | undefined)[] {
    return this.requests.map(({ lastEventId }) => lastEventId);
  }

  /**
   * Sends a message to everybody who is connected, else to the next one who is.
   *
   * @throws SseInvalidMessageError for what cannot be sent
   */
  emit(message: SseMessage | string): void {
    const frame = formatMessage(message);
    this.#play((response) => response.write(frame));
  }

  /** Sends a comment: `ping`, for instance. */
  comment(text: string): void {
    this.emit({ comment: text });
  }

  /** Ends the streams that are open, else the next one. */
  end(): void {
    this.#play((response) => {
      this.#open.delete(response);
      response.end();
    });
  }

  /** Closes the connections in the middle of their responses, once what was sent is out; or else the next one. */
  cut(): void {
    this.#play((response) => {
      this.#open.delete(response);
      setImmediate(() => response.socket?.destroySoon());
    });
  }

  /**
   * Answers the next request with a status instead of a stream: the next one after the streams for which something waits. To
   * refuse several, call it several times.
   */
  refuse(status: number, headers: Readonly<Record<string, string>> = {}, body = ''): void {
    this.#story.push({ status, headers, body });
  }

  /**
   * Waits for something to become of the requests or the connections, such as `() => source.connections === 0`.
   *
   * @param timeoutMs real time in which it has to hold, 0 = for ever; default 3000
   * @throws SseTestError (as a rejection) that tells what was requested, when it does not hold in time
   */
  async until(condition: () => boolean, timeoutMs = TIMEOUT_MS): Promise<void> {
    const holds = () => condition() || undefined;
    await this.#waiters.until(holds, timeoutMs, () => {
      const asked = this.requests.map(({ method, path, lastEventId }) => {
        return lastEventId === undefined ? `${method} ${path}` : `${method} ${path} after ${lastEventId}`;
      });
      const what = `What was waited for did not come within ${timeoutMs} ms`;
      const soFar = `Open streams: ${this.connections}; requests: ${asked.join(', ') || 'none'}`;
      return new SseTestError('timeout', `${what}. ${soFar}`);
    });
  }

  /** Cuts everything off and stops. Idempotent. */
  async close(): Promise<void> {
    if (this.#server.listening) {
      const closed = once(this.#server, 'close');
      this.#server.close();
      this.#server.closeAllConnections();
      await closed;
    }
  }

  /** For `await using`. The same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #play(act: Act): void {
    if (this.#open.size === 0) {
      this.#story.push(act);
    }
    for (const response of [...this.#open]) {
      act(response);
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('close', () => {
      this.#open.delete(response);
      this.#waiters.look();
    });
    const body = await textOf(request);
    const { method = '', url: path = '', headers } = request;
    const id = headers['last-event-id'];
    const lastEventId = typeof id === 'string' ? decodeLastEventId(id) : undefined;
    this.requests.push({ method, path, headers, lastEventId, body });
    if (!response.destroyed) {
      this.#tellNext(response);
    }
    this.#waiters.look();
  }

  /** A refusal ends what is there for the streams before it, and is the first thing that is there for a request. */
  #tellNext(response: ServerResponse): void {
    const [first] = this.#story;
    if (typeof first === 'object') {
      this.#story.shift();
      response.writeHead(first.status, first.headers).end(first.body);
      return;
    }
    response.writeHead(200, EVENT_STREAM_HEADERS).flushHeaders();
    this.#open.add(response);
    for (let [act] = this.#story; typeof act === 'function' && this.#open.has(response); [act] = this.#story) {
      this.#story.shift();
      act(response);
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  try {
    for await (const part of request.setEncoding('utf8')) {
      text += part;
    }
  } catch {
    // The client went in the middle: what came is what there is.
  }
  return text;
}
