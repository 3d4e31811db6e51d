import type { Sql } from '../examples/sql-cursor-store.js';

interface Row {
  source: string;
  fence: number;
  last_event_id: string | null;
}

/** The table of the docs, and the two statements that are run on it; a database runs each of them as one step, too. */
export class CursorTable implements Sql {
  private readonly rows = new Map<unknown, Row>();

  async query(text: string, [source, lastEventId, fence]: unknown[]): Promise<{ rows: Record<string, unknown>[] }> {
    const row = this.rows.get(source);
    if (text.startsWith('insert')) {
      const taken = row ?? { source: source as string, fence: 0, last_event_id: null };
      taken.fence += 1;
      this.rows.set(source, taken);
      // Drivers give bigint as text.
      return { rows: [{ fence: String(taken.fence), last_event_id: taken.last_event_id }] };
    }
    if (row?.fence !== fence) return { rows: [] };
    row!.last_event_id = lastEventId as string;
    return { rows: [{ source }] };
  }
}
