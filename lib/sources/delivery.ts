import type { ReceivedMessage } from '../protocol/index.js';
import type { DeliveryOutcome } from './delivery-outcome.js';

/** What the subscription is told of a message that must not count as received. */
export class Unfinished extends Error {}

interface Named {
  readonly name: string;
}

/** One message on its way through its handlers. Makes only what somebody asks for: most methods are done at once. */
export class Delivery {
  private aborter: AbortController | undefined;
  private unfinished: Set<Named> | undefined;
  private aborted = false;
  private abortReason: unknown;
  private failed = false;
  private stopping = false;
  private over = false;
  private resolve = () => {};
  private reject: (error: Error) => void = () => {};
  /** Settles when all handlers have; rejects when one of them has not dealt with it. Only where one is waited for. */
  dealtWith: Promise<void> | undefined;

  constructor(readonly message: ReceivedMessage) {}

  /** One for each message: what a method adds to it goes with it, while the subscription may live for months. */
  get signal(): AbortSignal {
    if (!this.aborter) {
      this.aborter = new AbortController();
      if (this.aborted) this.aborter.abort(this.abortReason);
    }
    return this.aborter.signal;
  }

  get isAborted(): boolean {
    return this.aborted;
  }

  get isOver(): boolean {
    return this.over;
  }

  /** Whether a method has failed such that the source must not go on. */
  get stopsSource(): boolean {
    return this.stopping;
  }

  /** The methods that are at work. */
  get atWork(): string[] {
    return [...(this.unfinished ?? [])].map(({ name }) => name);
  }

  /** @param outcome must not reject */
  waitFor(handler: Named, outcome: Promise<DeliveryOutcome>): void {
    this.unfinished ??= new Set();
    this.dealtWith ??= new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.unfinished.add(handler);
    void outcome.then((how) => {
      this.unfinished?.delete(handler);
      if (how !== 'done') this.failed = true;
      if (how === 'stop') this.stopping = true;
      if (this.unfinished?.size === 0) this.end();
    });
  }

  /** All handlers have finished, or it is given up. */
  end(isCutOff = false): void {
    this.over = true;
    if (isCutOff || this.failed) this.reject(new Unfinished());
    else this.resolve();
  }

  /**
   * Tells the methods that are at work.
   *
   * @param reason an AbortError when left out
   */
  abort(reason?: unknown): void {
    if (this.over || this.aborted) return;
    this.aborted = true;
    this.abortReason = reason;
    this.aborter?.abort(reason);
  }
}
