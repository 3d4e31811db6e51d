import type { BatchObservableResult, SpanContext } from '@opentelemetry/api';
import type { ObservedSubscription, ReceiverObserver, SubscriptionObserver } from '../receiver/index.js';
import type { AttemptSpans } from './attempt-spans.js';
import type { Instruments } from './instruments.js';
import { SdkGuard } from './sdk-guard.js';
import { type Running, SourceRecord, type SourceRecords } from './source-record.js';
import { SubscriptionTelemetry } from './subscription-telemetry.js';

/** Where a subscription may stand that is consumed. */
const PHASES = ['connecting', 'open', 'waiting'] as const;

/** Measures and traces the subscriptions of one receiver, by their names. */
export class ReceiverTelemetry implements ReceiverObserver, SourceRecords {
  readonly #records = new Map<string | undefined, SourceRecord>();

  /** @param keepsNames whether there are few names, of which it is told when they have no subscription any more */
  constructor(
    private readonly instruments: Instruments,
    private readonly spans: AttemptSpans,
    private readonly keepsNames: boolean,
    private readonly guard = new SdkGuard(),
  ) {}

  observe(subscription: ObservedSubscription): SubscriptionObserver {
    return new SubscriptionTelemetry(subscription, this, this.instruments, this.spans, this.guard);
  }

  begin(running: Running, name: string | undefined): SourceRecord {
    const record = this.#records.get(name) ?? new SourceRecord(name);
    this.#records.set(name, record);
    record.running.add(running);
    return record;
  }

  end(running: Running, record: SourceRecord): void {
    record.running.delete(running);
  }

  /** The last attempt to connect of a source. */
  attemptOf(name: string): SpanContext | undefined {
    return this.#records.get(name)?.attempt;
  }

  collect(): void {
    for (const { running } of this.#records.values()) {
      for (const each of running) each.collect();
    }
  }

  /**
   * What is gone is told once more, as nothing: a gauge that is not observed any more stays at what it was, and an age at
   * which it had been would be that of a source that is silent for ever.
   */
  observeNow(result: BatchObservableResult): void {
    const { subscriptions, backlog, lastEventAge } = this.instruments;
    for (const record of this.#records.values()) {
      const { attributes, name, lastEventAt } = record;
      const isGone = record.running.size === 0 && !this.keepsNames;
      for (const phase of PHASES) {
        result.observe(subscriptions, record.count(phase), { ...attributes, 'sse.state': phase });
      }
      result.observe(backlog, record.backlog, attributes);
      if (name !== undefined && lastEventAt !== undefined) {
        result.observe(lastEventAge, isGone ? 0 : (performance.now() - lastEventAt) / 1000, attributes);
      }
      if (isGone) this.#records.delete(name);
    }
  }
}
