import { from, Observable, type ObservableInput, type Subscriber } from 'rxjs';
import type { ReceivedMessage } from '../protocol/index.js';
import { assertOptions, count, findOptionProblems, type OptionRules, ofType, oneOf } from '../protocol/internal.js';
import { SseBacklogError } from './backlog.error.js';
import { callListener } from './call-listener.js';
import type { FanOut } from './fan-out.js';
import type { PullConsumer } from './pull-consumer.js';
import type { PushConsumer } from './push-consumers.js';

/** Options of `SseSubscription.concatMap()`. */
export interface SseConcatMapOptions {
  /** What happens to a stream that is faster than its consumer. Default `pause`. */
  readonly overflow?: 'pause' | 'drop-oldest' | 'fail';
  /** How many messages may wait before they are dropped, or the Observable fails. Default 1,000; not for `pause`. */
  readonly maxBuffered?: number;
  /** Called with each message that `drop-oldest` drops. What it throws, or rejects with, ends the Observable. */
  readonly onDrop?: (message: ReceivedMessage) => void;
}

const rules: OptionRules<SseConcatMapOptions> = {
  overflow: oneOf('pause', 'drop-oldest', 'fail'),
  maxBuffered: count({ min: 1 }),
  onDrop: ofType('function'),
};

type Project<R> = (message: ReceivedMessage) => ObservableInput<R>;

/** See `SseSubscription.concatMap()`. */
export function concatMapFrom<R>(
  fanOut: FanOut,
  project: Project<R>,
  options: SseConcatMapOptions,
  saveCursor: () => Promise<void>,
): Observable<R> {
  assertOptions(findOptionProblems(options, rules));
  const { overflow = 'pause', maxBuffered = 1_000, onDrop = () => {} } = options;
  return new Observable((subscriber) => {
    if (overflow === 'pause') {
      const consumer = fanOut.joinPulling();
      void pull(consumer, project, subscriber, saveCursor);
      return () => consumer.leave();
    }
    const backlog = new Backlog(project, subscriber, (waiting) => {
      if (waiting.length <= maxBuffered) return;
      if (overflow === 'fail') subscriber.error(new SseBacklogError(maxBuffered));
      else callListener(onDrop, waiting.shift() as ReceivedMessage, (error) => subscriber.error(error));
    });
    return fanOut.joinPushing(backlog);
  });
}

/** Asks for the next message only when the last one is finished: what waits is bounded by the fan-out. */
async function pull<R>(
  consumer: PullConsumer,
  project: Project<R>,
  subscriber: Subscriber<R>,
  saveCursor: () => Promise<void>,
): Promise<void> {
  try {
    for (let result = await consumer.next(); !result.done; result = await consumer.next()) {
      const message = result.value;
      await new Promise<void>((resolve) => runInner(project, message, subscriber, resolve));
      consumer.finish();
    }
    await saveCursor();
    subscriber.complete();
  } catch (error) {
    subscriber.error(error);
  }
}

/** Messages that wait for the inner Observable that is running. */
class Backlog<R> implements PushConsumer {
  private readonly waiting: ReceivedMessage[] = [];
  private running = false;
  private finish: (() => void) | undefined;

  constructor(
    private readonly project: Project<R>,
    private readonly subscriber: Subscriber<R>,
    private readonly bound: (waiting: ReceivedMessage[]) => void,
  ) {}

  get closed(): boolean {
    return this.subscriber.closed;
  }

  next(message: ReceivedMessage): void {
    this.waiting.push(message);
    if (this.running) this.bound(this.waiting);
    else this.runAll();
  }

  complete(isClosed: boolean): void {
    if (isClosed) this.waiting.length = 0;
    this.finishBy(() => this.subscriber.complete());
  }

  error(error: unknown): void {
    this.finishBy(() => this.subscriber.error(error));
  }

  /** What has arrived is dealt with before the end. */
  private finishBy(finish: () => void): void {
    this.finish = finish;
    if (!this.running) finish();
  }

  /** A loop, for inner Observables that complete at once would else be as deep on the stack as they are many. */
  private runAll(): void {
    this.running = true;
    for (let message = this.waiting.shift(); message && !this.subscriber.closed; message = this.waiting.shift()) {
      let returned = false;
      let done = false;
      runInner(this.project, message, this.subscriber, () => {
        done = true;
        if (returned) this.runAll();
      });
      returned = true;
      if (!done) return;
    }
    this.running = false;
    this.finish?.();
  }
}

/** Tells that the inner Observable has completed; never, when nobody is subscribed to the outer one any more. */
function runInner<R>(
  project: Project<R>,
  message: ReceivedMessage,
  subscriber: Subscriber<R>,
  onDone: () => void,
): void {
  let inner: Observable<R>;
  try {
    inner = from(project(message));
  } catch (error) {
    subscriber.error(error);
    return;
  }
  subscriber.add(
    inner.subscribe({
      next: (value) => subscriber.next(value),
      error: (error) => subscriber.error(error),
      complete: onDone,
    }),
  );
}
