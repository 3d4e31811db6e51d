import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { ReceivedMessage } from '../protocol/index.js';
import type { Reception } from './reception.js';
import { SseTestError } from './test.error.js';
import type { SseTestEnd, TestConnection } from './test-connection.js';

const TIMEOUT_MS = 1000;

/** What the server can tell of its end of the stream. */
export interface ServerEnd {
  /** Resolves when it has noticed that the stream is over. */
  gone(): Promise<void>;
}

/**
 * A stream as a test sees it: what has come so far, what comes next, and the ways in which a peer can misbehave. Opened by
 * `openStream()`. Time limits are real time, even where the clock of the application is stopped; 0 = none.
 *
 * @example
 * ```ts
 * const stream = await openStream(app, '/orders/7');
 * await orders.pay('7', 20);
 * expect(await stream.next()).toMatchObject({ event: 'paid', data: '{"amount":20}' });
 * await stream.close();
 * ```
 */
export class TestStream implements AsyncIterable<ReceivedMessage> {
  /** Resolves with how the stream is over, once it is. */
  readonly closed: Promise<SseTestEnd>;
  readonly #connection: TestConnection;
  readonly #reception: Reception;
  readonly #findServerEnd: () => ServerEnd | undefined;

  /** @internal Made by `openStream()`. */
  constructor(connection: TestConnection, reception: Reception, findServerEnd: () => ServerEnd | undefined) {
    this.#connection = connection;
    this.#reception = reception;
    this.#findServerEnd = findServerEnd;
    this.closed = reception.closed;
  }

  /** @throws SseTestError while the head of the response is held, which only happens without `awaitHead` */
  get status(): number {
    return this.#response.statusCode as number;
  }

  /** @throws SseTestError while the head of the response is held, which only happens without `awaitHead` */
  get headers(): IncomingHttpHeaders {
    return this.#response.headers;
  }

  /** The body so far: the stream as it was on the wire, or what a refused request was answered with. */
  get text(): string {
    return this.#reception.record.text;
  }

  /** Every message so far, those among them that were taken. */
  get messages(): readonly ReceivedMessage[] {
    return this.#reception.record.messages;
  }

  /** Every comment so far; a ping is one, unless the application sends others. */
  get comments(): readonly string[] {
    return this.#reception.record.comments;
  }

  /** How many pings have come so far: comments that say `ping`, the default of the module. */
  get pings(): number {
    return this.#reception.record.pings;
  }

  /** How many milliseconds a client should wait before it reconnects, as the server has said last. */
  get retryMs(): number | undefined {
    return this.#reception.record.retryMs;
  }

  /** The id that a client would come back with. Open another stream with it to resume. */
  get lastEventId(): string {
    return this.#reception.record.lastEventId;
  }

  /**
   * Takes the next message. Every message is taken once, in order.
   *
   * @param timeoutMs real time in which it has to come; default 1000
   * @throws SseTestError (as a rejection) that tells what has come, when it does not come in time, or the stream is over,
   * or there is none
   */
  async next(timeoutMs = TIMEOUT_MS): Promise<ReceivedMessage> {
    const [message] = await this.#reception.take(1, timeoutMs);
    return message!;
  }

  /**
   * Takes the next messages. Where fewer come, none is taken.
   *
   * @param timeoutMs real time in which all of them have to come; default 1000
   * @throws SseTestError (as a rejection) as {@link next}
   */
  take(count: number, timeoutMs = TIMEOUT_MS): Promise<ReceivedMessage[]> {
    return this.#reception.take(count, timeoutMs);
  }

  /**
   * Waits for anything that can be seen of the stream, such as `() => stream.pings === 2`. Takes no message.
   *
   * @param condition asked now, and after whatever comes
   * @param timeoutMs real time in which it has to hold; default 1000
   * @throws SseTestError (as a rejection) as {@link next}
   */
  until(condition: () => boolean, timeoutMs = TIMEOUT_MS): Promise<void> {
    return this.#reception.until(condition, timeoutMs);
  }

  /**
   * Takes one message after the other without a limit of time, until the server ends the stream or the test leaves it.
   * A loop that is broken off leaves the stream open.
   *
   * @throws SseTestError when the connection is lost, and when there is no stream
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ReceivedMessage, void, undefined> {
    for (;;) {
      try {
        yield await this.next(0);
      } catch (error) {
        if (error instanceof SseTestError && (error.problem === 'ended' || error.problem === 'left')) {
          return;
        }
        throw error;
      }
    }
  }

  /**
   * Stops reading. What the server sends then piles up: first in the kernel, which takes some MiB on a loopback connection,
   * then in the server, which sees a slow reader.
   */
  stall(): void {
    this.#connection.pause();
  }

  /** Goes on after {@link stall}. */
  resume(): void {
    this.#connection.resume();
  }

  /**
   * Leaves the peer half open, as one whose network has gone away: it reads nothing any more, for good, and does not answer
   * the end of the connection either. Only {@link close} and {@link cut} undo it. The kernel still acknowledges what it has
   * room for, which no process can keep it from: the server notices nothing before that is full.
   */
  vanish(): void {
    this.#connection.fallSilent();
  }

  /** Resets the connection. Resolves when the server has noticed, as {@link close}. */
  cut(): Promise<void> {
    return this.#leave(() => this.#connection.reset());
  }

  /**
   * Leaves the stream. Idempotent. Resolves when the server has noticed: `signal` is aborted, sources are let go of, and the
   * stream is no more in `SseStreamRegistry`.
   */
  close(): Promise<void> {
    return this.#leave(() => this.#connection.leave());
  }

  /** For `await using`. The same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #response(): IncomingMessage {
    const { response } = this.#reception;
    if (!response) {
      throw new SseTestError('held', 'The head of the response is not there yet: wait for the first message');
    }
    return response;
  }

  async #leave(how: () => Promise<void>): Promise<void> {
    const serverEnd = this.#findServerEnd();
    await how();
    await serverEnd?.gone();
  }
}
