import { SseOptionsError } from '../protocol/index.js';
import { describe, MAX_TIMER_MS } from '../protocol/internal.js';
import { SseConnectError } from './connect.error.js';
import { Connection, type ConnectionEvents } from './connection.js';
import type { ConnectionResult } from './connection-result.js';
import type { SseConnectionOutcome, SseConnectionState } from './connection-state.js';
import type { SseCursorError } from './cursor.error.js';
import { type PreparedRequest, preparationTimeout, prepareRequest } from './prepare-request.js';
import { isMadeAnew, type ReceiverSettings } from './receiver-settings.js';
import type { ReconnectPace } from './reconnect-pace.js';
import type { HeaderMap } from './request-headers.js';
import { parseRetryAfter } from './retry-after.js';
import { HEALTHY_AFTER_MS } from './retry-policy.js';
import type { Transport } from './transport.js';

/** How everything ended, by itself. */
export interface LoopEnding {
  readonly outcome: SseConnectionOutcome;
  /** Absent when the server said, in good order, that there is no more. */
  readonly error?: Error;
}

/** What the loop asks and tells its owner; it tells nothing any more after {@link ConnectionLoop.stop}. */
export interface LoopEvents extends Omit<ConnectionEvents, 'onOpen' | 'onRetry'> {
  /** The cursor that the next connection begins with. Rejects with an SseCursorError when it cannot be told. */
  readonly lastEventId: () => Promise<string>;
  /** Headers of an observer, for the next request. */
  readonly requestHeaders: () => HeaderMap | undefined;
  readonly onState: (state: SseConnectionState) => void;
  readonly onEnd: (ending: LoopEnding) => void;
}

/** Connects, and connects again after every loss that the settings allow to mend. */
export class ConnectionLoop {
  private connection: Connection | undefined;
  private openedAt: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  /** Consumers are behind: nothing more should arrive for now, over a new connection either. */
  private held = false;
  /** The wait is over, but consumers are still behind. */
  private due = false;

  constructor(
    private readonly settings: ReceiverSettings,
    private readonly transport: Transport,
    private readonly pace: ReconnectPace,
    private readonly events: LoopEvents,
  ) {}

  /** Connects, once a wait that was begun earlier is over. */
  start(): void {
    const rest = this.pace.rest();
    if (rest) this.wait(rest.delayMs, rest.outcome);
    else this.connectNow();
  }

  /** Ends it in whatever phase. Resolves when the socket is gone. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.connection?.abort();
  }

  /** Goes on after {@link LoopEvents.onChunkDone} held the stream up. */
  resume(): void {
    this.held = false;
    this.connection?.resume();
    if (this.due && !this.stopped) this.connectNow();
  }

  private connectNow(): void {
    this.due = false;
    this.connect().catch((error) => this.breakOff(error));
  }

  private async connect(): Promise<void> {
    const attempt = this.pace.lostInRow + 1;
    this.openedAt = undefined;
    this.pace.begin();
    this.events.onState({ phase: 'connecting', attempt });
    if (this.stopped) return;
    const request = await this.inTime(this.prepare(attempt));
    if (this.stopped) return;
    const result = 'kind' in request ? request : await this.receive(request);
    if (!this.stopped) this.lost(result);
  }

  private async prepare(attempt: number): Promise<PreparedRequest | ConnectionResult> {
    let lastEventId: string;
    try {
      lastEventId = await this.events.lastEventId();
    } catch (cause) {
      const error = cause as SseCursorError;
      return { kind: 'cursor', retryable: error.reason === 'unavailable', error };
    }
    const { lastError } = this.pace;
    const context = { attempt, lastEventId, ...(lastError && { lastError }) };
    return prepareRequest(this.settings, context, this.events.requestHeaders());
  }

  /** A function for the request, or the cursor store, may wait for a place that never answers. */
  private async inTime(
    preparing: Promise<PreparedRequest | ConnectionResult>,
  ): Promise<PreparedRequest | ConnectionResult> {
    const { connectTimeoutMs } = this.settings;
    if (connectTimeoutMs === 0) return preparing;
    const timeout = new Promise<ConnectionResult>((resolve) => {
      this.timer = setTimeout(() => resolve(preparationTimeout(connectTimeoutMs)), connectTimeoutMs);
    });
    try {
      return await Promise.race([preparing, timeout]);
    } finally {
      clearTimeout(this.timer);
    }
  }

  private receive(request: PreparedRequest): Promise<ConnectionResult> {
    const { events } = this;
    this.connection = new Connection(this.settings, this.transport, request, {
      onOpen: (status, headers) => {
        this.openedAt = performance.now();
        this.pace.isRefreshing = false;
        this.pace.lastError = undefined;
        events.onState({ phase: 'open', status, headers });
      },
      onMessage: events.onMessage,
      onComment: events.onComment,
      onRetry: (delayMs) => {
        this.pace.serverRetryMs = delayMs;
      },
      onChunkDone: (cursor, hadMessage) => {
        if (hadMessage) this.pace.lostInRow = 0;
        this.held = events.onChunkDone(cursor, hadMessage);
        return this.held;
      },
    });
    return this.connection.run();
  }

  private lost({ retryable, ...result }: ConnectionResult): void {
    this.connection = undefined;
    if (result.kind === 'lifetime' || this.wasHealthy()) this.pace.lostInRow = 0;
    this.pace.lostInRow += 1;
    if (this.pace.lostInRow === 1) this.pace.rowBeganAt = performance.now();
    this.pace.lastError = result.error;
    this.pace.isRefreshing = this.isWorthRefreshing(result);
    const lost = { ...result, attempt: this.pace.lostInRow };
    const nextDelayMs = retryable || this.pace.isRefreshing ? this.nextDelay(lost) : undefined;
    // A retry policy may have closed the subscription when it was asked.
    if (this.stopped) return;
    const decision = nextDelayMs === undefined ? { willRetry: false } : { willRetry: true, nextDelayMs };
    const outcome = { ...lost, ...decision };
    if (lost.error instanceof SseConnectError) lost.error.decide({ attempt: lost.attempt, ...decision });
    if (nextDelayMs === undefined) {
      this.events.onEnd({ outcome, ...this.errorOf(lost, retryable) });
      return;
    }
    this.pace.hold(nextDelayMs, outcome);
    this.wait(nextDelayMs, outcome);
  }

  private wasHealthy(): boolean {
    const { healthyAfterMs = HEALTHY_AFTER_MS } = this.settings.retry;
    return this.openedAt !== undefined && performance.now() - this.openedAt >= healthyAfterMs;
  }

  /** A token may have expired: whoever makes the requests is asked for another, once. */
  private isWorthRefreshing({ status }: Omit<ConnectionResult, 'retryable'>): boolean {
    const { settings, pace } = this;
    const isFinal = settings.once || settings.statusPolicy === 'whatwg';
    return status === 401 && !isFinal && !pace.isRefreshing && isMadeAnew(settings);
  }

  private wait(delayMs: number, outcome: SseConnectionOutcome): void {
    this.timer = setTimeout(() => {
      if (this.held) this.due = true;
      else this.connectNow();
    }, delayMs);
    this.events.onState({ phase: 'waiting', delayMs, outcome });
  }

  private nextDelay(outcome: Omit<ConnectionResult, 'retryable'> & { attempt: number }): number | undefined {
    const asked = [this.pace.serverRetryMs, parseRetryAfter(outcome.headers?.['retry-after'])];
    const known = asked.filter((delay) => delay !== undefined);
    const delay = this.settings.retry.nextDelayMs({
      attempt: outcome.attempt,
      elapsedMs: performance.now() - this.pace.rowBeganAt,
      ...(known.length > 0 && { serverDelayMs: Math.max(...known) }),
      outcome,
    });
    if (delay !== undefined && !(delay >= 0)) {
      const problem = `must give milliseconds ≥ 0 or undefined from nextDelayMs, got ${describe(delay)}`;
      throw new SseOptionsError([{ option: 'retry', problem }]);
    }
    if (delay === undefined) return undefined;
    return this.pace.isRefreshing ? 0 : Math.min(Math.ceil(delay), MAX_TIMER_MS);
  }

  /** Something that was passed in, such as a retry policy, does not work: better an end than silence. */
  private breakOff(error: Error): void {
    if (this.stopped) return;
    this.events.onEnd({ outcome: { kind: 'request', attempt: this.pace.lostInRow, willRetry: false, error }, error });
  }

  private errorOf(
    { kind, attempt, status, headers, bodyExcerpt, error }: Omit<ConnectionResult, 'retryable'> & { attempt: number },
    retryable: boolean,
  ): { error?: Error } {
    if (kind === 'no-content' || (kind === 'end' && this.settings.once)) return {};
    if (error && (!retryable || this.settings.once)) return { error };
    const last = error?.message ?? 'the server ended the stream';
    const message = `Gave up after ${attempt} connection${attempt === 1 ? '' : 's'} lost in a row; the last: ${last}`;
    const failure = new SseConnectError(message, { kind, retryable, status, headers, bodyExcerpt, cause: error });
    failure.decide({ attempt, willRetry: false });
    return { error: failure };
  }
}
