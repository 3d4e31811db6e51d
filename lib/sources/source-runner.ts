import type { ReceivedMessage } from '../protocol/index.js';
import { type DeliveryServices, deliver } from './deliver.js';
import type { OpenSource } from './open-sources.js';
import type { SourceHandler } from './source-handler.js';
import { resolvesWithin } from './waiting.js';
import { watchConnection } from './watch-connection.js';

/** What the subscription is told of a message that must not count as received. */
class Unfinished extends Error {}

interface Running {
  readonly message: ReceivedMessage;
  readonly aborter: AbortController;
  /** Resolves when the message is dealt with, or given up. */
  readonly settled: Promise<void>;
  /** Gives it up. */
  cutOff(): void;
}

/** Hands the messages of one source to its handlers, one at a time. */
export class SourceRunner {
  private running: Running | undefined;
  private stopped = false;

  constructor(
    private readonly source: OpenSource,
    private readonly handlers: readonly SourceHandler[],
    private readonly services: DeliveryServices,
  ) {}

  /** Connects; does not wait for anything. */
  begin(): void {
    void this.run();
  }

  /**
   * Begins no new message, tells the handlers of the one that is running, and waits for them, but not for ever; then
   * closes the subscription: not before, for the cursor has to take in what was finished.
   */
  async end(): Promise<void> {
    this.stopped = true;
    const { running } = this;
    const { subscription, stopTimeoutMs } = this.source;
    running?.aborter.abort();
    if (running && !(await resolvesWithin(running.settled, stopTimeoutMs))) {
      this.services.log.cutOff(running.message, stopTimeoutMs);
      running.cutOff();
      await running.settled;
    }
    await subscription.close();
  }

  private async run(): Promise<void> {
    const { subscription } = this.source;
    const { log } = this.services;
    const outcome = watchConnection(subscription, log);
    try {
      await subscription.process((message, { signal }) => this.take(message, signal));
      log.finished(outcome());
    } catch (error) {
      // A handler may have been cut short by the very failure that ended the subscription.
      const failure = error instanceof Unfinished ? outcome()?.error : error;
      if (failure) log.failed(failure);
      await subscription.close();
    }
  }

  private take(message: ReceivedMessage, closed: AbortSignal): Promise<void> {
    if (this.stopped) return Promise.reject(new Unfinished());
    const aborter = new AbortController();
    const abort = () => aborter.abort();
    closed.addEventListener('abort', abort);
    let cutOff = () => {};
    const dealt = new Promise<void>((resolve, reject) => {
      cutOff = () => reject(new Unfinished());
      this.dealWith(message, aborter.signal).then(resolve, reject);
    });
    const forget = () => {
      closed.removeEventListener('abort', abort);
      this.running = undefined;
    };
    this.running = { message, aborter, settled: dealt.then(forget, forget), cutOff };
    return dealt;
  }

  private async dealWith(message: ReceivedMessage, signal: AbortSignal): Promise<void> {
    const handlers = this.handlers.filter((handler) => handler.isFor(message));
    const outcomes = await Promise.all(handlers.map((handler) => deliver(handler, message, signal, this.services)));
    if (outcomes.some((outcome) => outcome !== 'done')) throw new Unfinished();
  }
}
