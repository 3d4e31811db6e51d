import type { Attributes } from '@opentelemetry/api';
import type {
  ObservedSubscription,
  SseConnectionOutcome,
  SseConnectionPhase,
  SseConnectionState,
  SubscriptionObserver,
} from '../receiver/index.js';
import type { HeaderMap } from '../receiver/internal.js';
import type { AttemptSpan, AttemptSpans } from './attempt-spans.js';
import { CarriedCount } from './carried-count.js';
import type { Instruments } from './instruments.js';
import { SdkGuard } from './sdk-guard.js';
import type { Running, SourceRecord, SourceRecords } from './source-record.js';

const NO_HEADERS: HeaderMap = new Map();
const LEFT = { kind: 'aborted', willRetry: false } as const;

/** Measures and traces one subscription. It is kept by nobody else while the subscription is idle, which may be forgotten. */
export class SubscriptionTelemetry implements SubscriptionObserver, Running {
  phase: SseConnectionPhase = 'idle';
  readonly #attributes: Attributes;
  readonly #messages: CarriedCount;
  #received = 0;
  #record: SourceRecord | undefined;
  #attempt: AttemptSpan | undefined;
  #isUnderWay = false;

  constructor(
    private readonly subscription: ObservedSubscription,
    private readonly records: SourceRecords,
    private readonly instruments: Instruments,
    private readonly spans: AttemptSpans,
    private readonly guard = new SdkGuard(),
  ) {
    const { name } = subscription;
    this.#attributes = name === undefined ? {} : { 'sse.source': name };
    this.#messages = new CarriedCount(instruments.receivedMessages, () => this.#received, this.#attributes);
  }

  get backlog(): number {
    return this.subscription.backlog();
  }

  entered(state: SseConnectionState): void {
    this.phase = state.phase;
    this.guard.run(() => this.#entered(state));
  }

  received(): void {
    this.#received++;
  }

  chunkDone(): void {
    if (this.#record) this.#record.lastEventAt = performance.now();
  }

  requestHeaders(): HeaderMap {
    return this.guard.run(() => this.#attempt?.headers()) ?? NO_HEADERS;
  }

  collect(): void {
    this.#messages.carry();
  }

  #entered(state: SseConnectionState): void {
    if (state.phase === 'idle' || state.phase === 'closed') {
      this.guard.run(() => this.#lost(('outcome' in state && state.outcome) || LEFT));
      this.#leave();
      return;
    }
    this.#record ??= this.records.begin(this, this.subscription.name);
    if (state.phase === 'connecting') this.#begin(state.attempt, this.#record);
    else if (state.phase === 'open') this.#open(state.status);
    else this.#lost(state.outcome);
  }

  #begin(attempt: number, record: SourceRecord): void {
    this.#isUnderWay = true;
    this.instruments.attempts.add(1, this.#attributes);
    this.#attempt = this.spans.begin(this.subscription, attempt);
    record.attempt = this.#attempt.context;
  }

  #open(status: number): void {
    this.#isUnderWay = true;
    this.#attempt?.opened(status);
  }

  /** What it waits for again, or is closed for while it waits, has been counted. */
  #lost(outcome: Pick<SseConnectionOutcome, 'kind' | 'willRetry' | 'status' | 'error'>): void {
    if (!this.#isUnderWay) return;
    this.#isUnderWay = false;
    const { kind, willRetry, status } = outcome;
    this.instruments.outcomes.add(1, {
      ...this.#attributes,
      'sse.outcome': kind,
      'sse.outcome.final': !willRetry,
      ...(kind === 'http' && status !== undefined && { 'http.response.status_code': status }),
    });
    this.#attempt?.lost(outcome);
    this.#attempt = undefined;
  }

  #leave(): void {
    if (!this.#record) return;
    this.records.end(this, this.#record);
    this.#record = undefined;
    this.collect();
  }
}
