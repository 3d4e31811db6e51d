import type { SseStreamListOptions, SseStreamRegistry, SseStreamReport } from '../access/index.js';
import type { SseMessage } from '../protocol/index.js';
import { LIVE_ROUTE } from './live-route.js';
import type { LiveTicks } from './live-ticks.js';
import { summaryOf } from './summary.js';

/** So many rows go out in one message, which stays far below what a stream may hold. */
const ROWS_PER_MESSAGE = 50;

/**
 * What is open, and from then on what changes, as messages:
 *
 * - `begin`: forget what was shown before; `{ now, limit }`
 * - `streams`: streams that are new or have changed; `{ now, streams }`
 * - `gone`: ids of streams that are no more; `{ ids }`
 * - `summary`: see {@link summaryOf}, when it has changed
 *
 * Streams of live views are left out: each writes because it is written to, so that two would keep each other busy for ever.
 */
export async function* followStreams(
  registry: SseStreamRegistry,
  options: SseStreamListOptions & { readonly limit: number },
  ticks: LiveTicks,
  signal: AbortSignal,
): AsyncGenerator<SseMessage> {
  const view = new LiveView();
  yield { event: 'begin', data: { now: Date.now(), limit: options.limit } };
  while (!signal.aborted) {
    yield* view.changes(registry.list(options));
    yield* view.summary(JSON.stringify(summaryOf(registry)));
    await ticks.next(signal);
  }
}

/** What one of those who look on has been told. */
class LiveView {
  readonly #rows = new Map<number, string>();
  #summary = '';

  *changes(reports: readonly SseStreamReport[]): Generator<SseMessage> {
    const shown = reports.filter(({ route }) => route !== LIVE_ROUTE);
    const changed = shown
      .map((report) => [report.id, rowOf(report)] as const)
      .filter(([id, row]) => this.#rows.get(id) !== row);
    const present = new Set(shown.map(({ id }) => id));
    const ids = [...this.#rows.keys()].filter((id) => !present.has(id));
    for (const id of ids) {
      this.#rows.delete(id);
    }
    if (ids.length > 0) {
      yield { event: 'gone', data: { ids } };
    }
    for (let from = 0; from < changed.length; from += ROWS_PER_MESSAGE) {
      const part = changed.slice(from, from + ROWS_PER_MESSAGE);
      for (const [id, row] of part) {
        this.#rows.set(id, row);
      }
      yield { event: 'streams', data: `{"now":${Date.now()},"streams":[${part.map(([, row]) => row).join(',')}]}` };
    }
  }

  *summary(summary: string): Generator<SseMessage> {
    if (summary !== this.#summary) {
      this.#summary = summary;
      yield { event: 'summary', data: summary };
    }
  }
}

/** Without what changes as time goes on. */
function rowOf({ ageMs, silentMs, ...row }: SseStreamReport): string {
  return JSON.stringify(row);
}
