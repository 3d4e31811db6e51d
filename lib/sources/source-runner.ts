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

/** Hands the messages of one subscription to the handlers of its source, one at a time. */
export class SourceRunner {
  private readonly handlers: HandlersByEvent;
  private readonly slow: SlowWatch;
  private running: Delivery | undefined;
  private closed: AbortSignal | undefined;
  private stopped = false;

  constructor(
    private readonly subscription: SseSubscription,
    handlers: readonly SourceHandler[],
    private readonly limits: RunnerLimits,
    private readonly services: DeliveryServices,
  ) {
    this.handlers = new HandlersByEvent(handlers);
    this.slow = new SlowWatch(limits.slowAfterMs, ({ atWork, message }) =>
      services.log.slow(atWork, message, limits.slowAfterMs),
    );
  }

  /** Connects; does not wait for anything. */
  begin(): void {
    void this.run();
  }

  /**
   * Begins no new message, tells the handlers of the one that is running, and waits for them, but not for ever; then
   * closes the subscription: not before, for the cursor has to take in what was finished.
   *
   * @param isResumed whether another runner goes on from the cursor
   */
  async end({ isResumed = false } = {}): Promise<void> {
    this.stopped = true;
    const { running } = this;
    const { stopTimeoutMs } = this.limits;
    running?.abort();
    const settled = running?.dealtWith?.catch(() => {});
    if (running && settled && !(await resolvesWithin(settled, stopTimeoutMs))) {
      this.services.log.cutOff(running.message, stopTimeoutMs, isResumed);
      running.end(true);
      await settled;
    }
    await this.subscription.close();
  }

  private async run(): Promise<void> {
    const { log } = this.services;
    const outcome = watchConnection(this.subscription, log);
    try {
      await this.subscription.process((message, { signal }) => this.take(message, signal));
      log.finished(outcome());
    } catch (error) {
      // A handler may have been cut short by the very failure that ended the subscription.
      const failure = error instanceof Unfinished ? outcome()?.error : error;
      if (failure) log.failed(failure);
      await this.subscription.close();
    } finally {
      this.slow.stop();
    }
  }

  private take(message: ReceivedMessage, closed: AbortSignal): Promise<void> {
    if (this.stopped) return Promise.reject(new Unfinished());
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
