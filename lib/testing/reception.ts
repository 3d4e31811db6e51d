import type { IncomingMessage } from 'node:http';
import { isEventStream, type ReceivedMessage } from '../protocol/index.js';
import { StreamRecord } from './stream-record.js';
import { SseTestError, type SseTestProblem } from './test.error.js';
import type { ConnectionOwner, SseTestEnd } from './test-connection.js';
import { Waiters } from './waiters.js';

/** The receiving end of a test's stream: what has come, what of it was not taken yet, and who waits for more. */
export class Reception implements ConnectionOwner {
  readonly record: StreamRecord;
  readonly closed: Promise<SseTestEnd>;
  response: IncomingMessage | undefined;
  #over: SseTestEnd | undefined;
  #error: Error | undefined;
  #markClosed = (_how: SseTestEnd): void => {};
  readonly #request: string;
  readonly #untaken: ReceivedMessage[] = [];
  readonly #waiters = new Waiters();

  /** @param request for error messages, such as `GET /orders` */
  constructor(request: string, lastEventId: string | undefined) {
    this.#request = request;
    this.record = new StreamRecord(lastEventId, (message) => this.#untaken.push(message));
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve;
    });
  }

  onHead(response: IncomingMessage): void {
    this.response = response;
    this.look();
  }

  onBytes(bytes: Uint8Array): void {
    if (this.#isStream) {
      this.record.push(bytes);
    } else {
      this.record.note(bytes);
    }
    this.look();
  }

  onOver(how: SseTestEnd, error?: Error): void {
    this.#over = how;
    this.#error = error;
    this.#markClosed(how);
    this.look();
  }

  /** Asks whoever waits, for something may have changed. */
  look(): void {
    this.#waiters.look();
  }

  /**
   * Resolves when the stream has begun, or a response that is none is complete.
   *
   * @param isEnough whether that need not be waited for; asked at each {@link look}
   */
  async answered(limitMs: number, isEnough: () => boolean): Promise<void> {
    const isAnswered = () => {
      if (!this.response && this.#over) {
        throw this.#failure(this.#over, 'there was no response');
      }
      return this.#isStream || (this.response && this.#over) || isEnough() ? true : undefined;
    };
    await this.#waiters.until(isAnswered, limitMs, () => {
      const advice = 'a handler may hold its head: push, or open without awaitHead';
      const what = this.response
        ? `is no event stream, and has not ended within ${limitMs} ms`
        : `has not begun within ${limitMs} ms, ${advice}`;
      return this.#failure('timeout', `the response ${what}`);
    });
  }

  take(count: number, limitMs: number): Promise<ReceivedMessage[]> {
    const wanted = count === 1 ? 'a message' : `${count} messages`;
    const find = () => {
      if (this.#untaken.length >= count) {
        return this.#untaken.splice(0, count);
      }
      this.#throwIfOver(`${wanted} had not come`);
      return undefined;
    };
    return this.#waiters.until(find, limitMs, () => {
      return this.#failure('timeout', `${wanted} did not come within ${limitMs} ms`);
    });
  }

  async until(condition: () => boolean, limitMs: number): Promise<void> {
    const find = () => {
      if (condition()) {
        return true;
      }
      this.#throwIfOver('what was waited for had not come');
      return undefined;
    };
    await this.#waiters.until(find, limitMs, () => {
      return this.#failure('timeout', `what was waited for did not come within ${limitMs} ms`);
    });
  }

  get #isStream(): boolean {
    return this.response?.statusCode === 200 && isEventStream(this.response.headers['content-type']);
  }

  #throwIfOver(what: string): void {
    if (this.response && !this.#isStream) {
      throw this.#failure('refused', `there is no stream, and so ${what}`);
    }
    if (this.#over) {
      throw this.#failure(this.#over, `${ENDS[this.#over]}, and ${what}`);
    }
  }

  #failure(problem: SseTestProblem, what: string): SseTestError {
    const answer = this.response ? ` (${this.response.statusCode})` : '';
    const soFar = this.response && !this.#isStream ? JSON.stringify(this.record.text) : this.record.describe();
    const cause = this.#error ? { cause: this.#error } : {};
    return new SseTestError(problem, `${this.#request}${answer}: ${what}. What came: ${soFar}`, cause);
  }
}

const ENDS: Readonly<Record<SseTestEnd, string>> = {
  ended: 'the server has ended the stream',
  cut: 'the connection was lost',
  left: 'the test has left the stream',
};
