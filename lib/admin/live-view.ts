import type { SseStreamListOptions, SseStreamRegistry, SseStreamReport } from '../access/index.js';
import type { SseMessage } from '../protocol/index.js';
import { LIVE_ROUTE } from './live-route.js';
import type { LiveTicks } from './live-ticks.js';
import { summaryOf } from './summary.js';

/** A message has so many rows, or fewer that come to so many characters: it stays far below what a stream may hold. */
const ROWS_PER_MESSAGE = 50;
const CHARACTERS_PER_MESSAGE = 64 * 1024;

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
    for (const part of partsOf(changed)) {
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

type Row = readonly [id: number, row: string];

/** One that follows very many channels may be as large as a hundred others. */
function* partsOf(rows: readonly Row[]): Generator<Row[]> {
  let part: Row[] = [];
  let characters = 0;
  for (const row of rows) {
    const isFull = part.length === ROWS_PER_MESSAGE || characters + row[1].length > CHARACTERS_PER_MESSAGE;
    if (isFull && part.length > 0) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(row);
    characters += row[1].length;
  }
  if (part.length > 0) {
    yield part;
  }
}

/** Without what changes as time goes on. */
function rowOf({ ageMs, silentMs, ...row }: SseStreamReport): string {
  return JSON.stringify(row);
}
