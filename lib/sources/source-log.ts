import { Logger } from '@nestjs/common';
import type { ReceivedMessage } from '../protocol/index.js';
import type { SseConnectionOutcome, SseOutcomeKind } from '../receiver/index.js';
import type { FailedDelivery } from './failed-delivery.js';
import { reasonOf, stackOf } from './reason-of.js';

const ENDINGS: Partial<Record<SseOutcomeKind, string>> = {
  'no-content': 'the server says that there is nothing more (204)',
  end: 'the server has ended the stream, and the request is not sent again',
};

const UNLESS_SENT_AGAIN = 'unless the server sends it again by itself (there is no cursorStore)';

/** What the log says about one source. Never the data of a message, a header or a query: any of them may be secret. */
export class SourceLog {
  private readonly logger = new Logger('SseSources');
  private readonly who: string;

  /** @param keepsCursor whether a new process goes on where this one ends */
  constructor(
    name: string,
    private readonly keepsCursor: boolean,
  ) {
    this.who = `Source ${JSON.stringify(name)}`;
  }

  disabled(): void {
    this.logger.log(`${this.who} is switched off: its option enabled is false`);
  }

  unused(): void {
    this.logger.warn(`${this.who} is not connected: no method has @OnSseEvent() for it`);
  }

  leasedWithoutStore(): void {
    const problem = 'has a lease, but no cursorStore: an instance that takes it over does not know how far it has come';
    this.logger.warn(`${this.who} ${problem}, and begins with lastEventId`);
  }

  standby(holder: string): void {
    this.logger.log(`${this.who} is on standby: ${JSON.stringify(holder)} holds it`);
  }

  held(): void {
    this.logger.log(`${this.who} is held by this instance`);
  }

  leaseTrouble(error: unknown): void {
    this.logger.warn(`${this.who} is on standby: who holds it cannot be told; trying again: ${reasonOf(error)}`);
  }

  leaseLost(reason: unknown): void {
    this.logger.warn(`${this.who} goes on standby: ${reasonOf(reason)}`);
  }

  /** While we hold the lease, as far as we know. */
  fenced(): void {
    this.logger.warn(`${this.who} goes on standby: its cursor was loaded by somebody else`);
  }

  connected(): void {
    this.logger.debug(`${this.who} is connected`);
  }

  connectedAgain(): void {
    this.logger.log(`${this.who} is connected again`);
  }

  /** In good order, which is how many servers end long streams all the time. */
  endedByServer({ nextDelayMs = 0 }: SseConnectionOutcome): void {
    this.logger.debug(`${this.who}: the server ended the stream; connecting again in ${seconds(nextDelayMs)}`);
  }

  /** By ourselves, in good order. */
  lastedLong({ nextDelayMs = 0 }: SseConnectionOutcome): void {
    this.logger.debug(`${this.who} was connected for maxLifetimeMs; connecting again in ${seconds(nextDelayMs)}`);
  }

  lost({ kind, error, nextDelayMs = 0 }: SseConnectionOutcome): void {
    const why = error ? `${kind}: ${reasonOf(error)}` : kind;
    this.logger.warn(
      `${this.who} has no connection (${why}); trying again, for the first time in ${seconds(nextDelayMs)}`,
    );
  }

  /** Not when it was closed: whoever did that knows. */
  finished(outcome: SseConnectionOutcome | undefined): void {
    const why = outcome && ENDINGS[outcome.kind];
    if (why) this.logger.log(`${this.who} has ended: ${why}`);
  }

  failed(error: unknown): void {
    this.logger.error(`${this.who} has ended, for good: ${reasonOf(error)}`, stackOf(error));
  }

  retrying({ handler, message, attempts, error }: FailedDelivery, delayMs: number): void {
    const again = `calling it again in ${seconds(delayMs)}`;
    this.logger.warn(
      `${this.who}: ${handler} failed with ${nameOf(message)}, attempt ${attempts}; ${again}: ${reasonOf(error)}`,
    );
  }

  stopping(failed: FailedDelivery): void {
    this.error(failed, this.stops);
  }

  skipped(failed: FailedDelivery): void {
    this.error(failed, 'the message is skipped');
  }

  deadLettered(failed: FailedDelivery): void {
    this.error(failed, 'the message is kept as a dead letter');
  }

  deadLetterFailed(failed: FailedDelivery, cause: unknown): void {
    this.error(failed, `so did its dead letter (${reasonOf(cause)}), and ${this.stops}`);
  }

  interrupted({ handler, message, error }: FailedDelivery): void {
    this.logger.debug(
      `${this.who}: ${handler} failed with ${nameOf(message)} while the source was closed: ${reasonOf(error)}`,
    );
  }

  slow(handlers: readonly string[], message: ReceivedMessage, afterMs: number): void {
    const unfinished = `not finished after ${seconds(afterMs)}; nothing else is received meanwhile (see slowAfterMs)`;
    this.logger.warn(`${this.who}: ${handlers.join(', ')} has ${nameOf(message)}, ${unfinished}`);
  }

  cutOff(message: ReceivedMessage, afterMs: number, isResumed: boolean): void {
    const late = `was not finished within ${seconds(afterMs)} of being told to end (see stopTimeoutMs)`;
    const then = this.keepsCursor || isResumed ? 'it comes again' : `it is lost, ${UNLESS_SENT_AGAIN}`;
    this.logger.warn(`${this.who}: ${nameOf(message)} ${late}; ${then}`);
  }

  private get stops(): string {
    const then = this.keepsCursor
      ? 'it comes again after restart() of SseSources, or when the application starts again'
      : `restart() of SseSources goes on with it; when the application ends it is lost, ${UNLESS_SENT_AGAIN}`;
    return `the source stops before this message: ${then}`;
  }

  private error({ handler, message, attempts, error }: FailedDelivery, consequence: string): void {
    const times = attempts === 1 ? 'once' : `${attempts} times`;
    const text = `${this.who}: ${handler} failed ${times} with ${nameOf(message)}; ${consequence}: ${reasonOf(error)}`;
    this.logger.error(text, stackOf(error));
  }
}

function nameOf({ event, lastEventId }: ReceivedMessage): string {
  return `the event ${JSON.stringify(event)} (id ${JSON.stringify(lastEventId)})`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
