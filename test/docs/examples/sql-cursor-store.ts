import { SseCursorError, type SseCursorStore, type SseStoredCursor } from 'nestjs-event-stream';

/** What a pool of `pg` has, for instance. */
export interface Sql {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Over a table `cursors (source text primary key, fence bigint not null, last_event_id text)`. */
export class SqlCursorStore implements SseCursorStore {
  constructor(private readonly sql: Sql) {}

  async load(source: string): Promise<SseStoredCursor> {
    const { rows } = await this.sql.query(
      `insert into cursors (source, fence) values ($1, 1)
       on conflict (source) do update set fence = cursors.fence + 1
       returning fence, last_event_id`,
      [source],
    );
    const { fence, last_event_id: lastEventId } = rows[0]!;
    return { fence: Number(fence), ...(typeof lastEventId === 'string' && { lastEventId }) };
  }

  async save(source: string, lastEventId: string, fence: number): Promise<void> {
    const { rows } = await this.sql.query(
      'update cursors set last_event_id = $2 where source = $1 and fence = $3 returning source',
      [source, lastEventId, fence],
    );
    if (rows.length === 0) throw new SseCursorError('fenced', source, `Somebody else has taken ${source} over`);
  }
}
