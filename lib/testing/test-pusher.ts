import { encodeLastEventId, type ReceivedMessage } from '../protocol/index.js';
import {
  createPusherRuntime,
  type SseCloseReason,
  SsePusher,
  SsePusherFactory,
  type SseStreamOptions,
} from '../pusher/index.js';
import type { EventStream } from '../pusher/internal.js';
import { PaperResponse } from './paper-response.js';
import { StreamRecord } from './stream-record.js';

/** Options of a route or of the module, as far as they matter to what is tested, and what the client has sent. */
export interface TestPusherOptions extends SseStreamOptions {
  /** What the client has sent as `Last-Event-ID`. Default: nothing. */
  readonly lastEventId?: string;
}

/** A pusher without a server, which keeps what was pushed. Made by `createTestPusher()`. */
export class TestPusher<M extends object = any> extends SsePusher<M> {
  readonly #eventStream: EventStream;
  readonly #record: StreamRecord;

  /** @internal */
  constructor(eventStream: EventStream, failures: ConstructorParameters<typeof SsePusher>[1], record: StreamRecord) {
    super(eventStream, failures);
    this.#eventStream = eventStream;
    this.#record = record;
  }

  /** What was pushed so far, as a client receives it. */
  get messages(): readonly ReceivedMessage[] {
    return this.#received.messages;
  }

  /** What was sent as comments so far. */
  get comments(): readonly string[] {
    return this.#received.comments;
  }

  /** Closes the stream as if that had happened to it. Default: the client has left. */
  abort(reason: SseCloseReason = 'client'): void {
    // What was pushed before has been sent as far as the test is concerned.
    this.#eventStream.flush();
    this.#eventStream.destroy(reason);
  }

  /** Pushes wait for the end of the turn, which a test does not want to wait for. */
  get #received(): StreamRecord {
    this.#eventStream.flush();
    return this.#record;
  }
}

/**
 * A pusher for a unit test of whatever is given one: no module, no server. It is a real one, on a response that leads
 * nowhere and takes everything at once, so it refuses what cannot be sent, and is closed when it is closed. It does not ping
 * unless `pingMs` is given.
 *
 * @throws SseOptionsError for options that cannot be used
 *
 * @example
 * ```ts
 * const pusher = createTestPusher();
 * await new JobsController().follow('7', pusher);
 * expect(pusher.messages.map(({ event }) => event)).toEqual(['progress', 'progress']);
 * ```
 */
export function createTestPusher<M extends object = any>({
  lastEventId,
  ...options
}: TestPusherOptions = {}): TestPusher<M> {
  const record = new StreamRecord();
  const runtime = createPusherRuntime({ lookup: (type) => new type() });
  const id = lastEventId === undefined ? undefined : encodeLastEventId(lastEventId);
  const request = {
    headers: { 'last-event-id': id },
    method: 'GET',
    url: '/',
    httpVersion: '1.1',
    httpVersionMajor: 1,
  };
  const response = new PaperResponse((bytes) => record.push(bytes));
  const stream = new SsePusherFactory(runtime).createStream(request, response, { pingMs: 0, ...options });
  return new TestPusher(stream, runtime.failures, record);
}
