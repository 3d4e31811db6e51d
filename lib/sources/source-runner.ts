import type { ReceivedMessage } from '../protocol/index.js';
import type { SseSubscription } from '../receiver/index.js';
import { type DeliveryServices, deliver } from './deliver.js';
import { Delivery, Unfinished } from './delivery.js';
import { HandlersByEvent } from './handlers-by-event.js';
import { SlowWatch } from './slow-watch.js';
import type { SourceHandler } from './source-handler.js';
import { resolvesWithin } from './waiting.js';
import { watchConnection } from './watch-connection.js';

const DEALT_WITH = Promise.resolve();

/** How long handlers may take. */
export interface RunnerLimits {
  readonly stopTimeoutMs: number;
  readonly slowAfterMs: number;
}

export interface RunnerServices extends DeliveryServices {
  /** Absent where nobody else can follow the source. */
  readonly turn?: RunnerTurn;
}

/** The time that this instance has with a source which another one may get. */
interface RunnerTurn {
  /** Whether another message may be begun. */
  isHeld(): boolean;
  /** Whether a failure means that somebody else has the source now. */
  isEndedBy(failure: unknown): boolean;
}

/** Hands the messages of one subscription to the handlers of its source, one at a time. */
export class SourceRunner {
  /** By `performance.now()`. */
  lastEventAt: number | undefined;
  /** What has ended it, if it was one of the connection. */
  failure: unknown;
  private readonly handlers: HandlersByEvent;
  private readonly slow: SlowWatch;
  private running: Delivery | undefined;
  private closed: AbortSignal | undefined;
  private stopped = false;

  constructor(
    private readonly subscription: SseSubscription,
    handlers: readonly SourceHandler[],
    private readonly limits: RunnerLimits,
    private readonly services: RunnerServices,
  ) {
    this.handlers = new HandlersByEvent(handlers);
    this.slow = new SlowWatch(limits.slowAfterMs, ({ atWork, message }) =>
      services.log.slow(atWork, message, limits.slowAfterMs),
    );
  }

  /** Whether it was a handler that has ended it. */
  get isStoppedByHandler(): boolean {
    return this.running?.stopsSource === true;
  }

  /**
   * Connects; does not wait for anything.
   *
   * @returns resolves when the subscription has ended, with the failure that ended it, if there was one
   */
  begin(): Promise<unknown> {
    return this.run();
  }

  /**
   * Begins no new message, tells the handlers of the one that is running, and waits for them, but not for ever; then
   * closes the subscription: not before, for the cursor has to take in what was finished.
   *
   * @param isResumed whether another runner goes on from the cursor
   */
  async end({ isResumed = false } = {}): Promise<void> {
    this.stopped = true;
    this.running?.abort();
    await this.settle(isResumed);
    await this.subscription.close();
  }

  /**
   * Somebody else goes on: closes the subscription first, and then waits for the handlers as {@link end} does.
   *
   * @param reason what they are told
   */
  async lose(reason: unknown): Promise<void> {
    this.stopped = true;
    this.running?.abort(reason);
    await this.subscription.close();
    await this.settle(true);
  }

  private async settle(isResumed: boolean): Promise<void> {
    const { running } = this;
    const { stopTimeoutMs } = this.limits;
    const settled = running?.dealtWith?.catch(() => {});
    if (running && settled && !(await resolvesWithin(settled, stopTimeoutMs))) {
      this.services.log.cutOff(running.message, stopTimeoutMs, isResumed);
      running.end(true);
      await settled;
    }
  }

  private async run(): Promise<unknown> {
    const { log } = this.services;
    const outcome = watchConnection(this.subscription, log);
    try {
      await this.subscription.process((message, { signal }) => this.take(message, signal));
      log.finished(outcome());
      return undefined;
    } catch (error) {
      // A handler may have been cut short by the very failure that ended the subscription.
      const failure = error instanceof Unfinished ? outcome()?.error : error;
      if (this.services.turn?.isEndedBy(failure)) log.fenced();
      else if (failure) log.failed(failure);
      this.failure = failure;
      await this.subscription.close();
      return failure;
    } finally {
      this.slow.stop();
    }
  }

  private take(message: ReceivedMessage, closed: AbortSignal): Promise<void> {
    if (this.stopped || this.services.turn?.isHeld() === false) return Promise.reject(new Unfinished());
    this.lastEventAt = performance.now();
    const handlers = this.handlers.of(message.event);
    if (handlers.length === 0) return DEALT_WITH;
    this.listenTo(closed);
    // Handlers, attempts and dead letters share it.
    const delivery = new Delivery(Object.freeze(message));
    this.running = delivery;
    for (const handler of handlers) {
      const outcome = deliver(handler, delivery, this.services);
      if (outcome) delivery.waitFor(handler, outcome);
    }
    if (delivery.dealtWith) this.slow.watch(delivery);
    else delivery.end();
    return delivery.dealtWith ?? DEALT_WITH;
  }

  /** Once for all messages: it is one signal. */
  private listenTo(closed: AbortSignal): void {
    if (this.closed) return;
    this.closed = closed;
    closed.addEventListener('abort', () => this.running?.abort());
  }
}
