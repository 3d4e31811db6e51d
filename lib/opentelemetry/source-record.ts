import type { Attributes, SpanContext } from '@opentelemetry/api';
import type { SseConnectionPhase } from '../receiver/index.js';

/** A subscription that is consumed. */
export interface Running {
  readonly phase: SseConnectionPhase;
  readonly backlog: number;
  /** Brings what it has counted to its counters. */
  collect(): void;
}

/** Who keeps the records of all that are consumed. */
export interface SourceRecords {
  begin(running: Running, name: string | undefined): SourceRecord;
  end(running: Running, record: SourceRecord): void;
}

/** All subscriptions of one name. */
export class SourceRecord {
  readonly attributes: Attributes;
  readonly running = new Set<Running>();
  /** When a message came last, in milliseconds of `performance.now()`. */
  lastEventAt: number | undefined;
  /** Of the last attempt to connect. */
  attempt: SpanContext | undefined;

  constructor(readonly name: string | undefined) {
    this.attributes = name === undefined ? {} : { 'sse.source': name };
  }

  count(phase: SseConnectionPhase): number {
    return [...this.running].filter((each) => each.phase === phase).length;
  }

  get backlog(): number {
    return [...this.running].reduce((sum, { backlog }) => sum + backlog, 0);
  }
}
