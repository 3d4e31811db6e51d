import { Database, type Sql } from '../examples/outbox.js';

interface Row {
  readonly id: number;
  readonly channel: string;
  readonly event: string;
  readonly data: object;
}

/** The table of the recipe and the statements that it runs. A transaction sees its own changes, others only what is committed. */
export class OutboxTable extends Database implements Sql {
  rows: Row[] = [];
  /** Lets the next transaction fail at its very end, after its work is done. */
  failNextCommit = false;
  #ids = 0;

  async transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const before = this.rows;
    try {
      const result = await work(this);
      if (this.failNextCommit) throw new Error('connection lost at commit');
      return result;
    } catch (error) {
      this.rows = before;
      throw error;
    } finally {
      this.failNextCommit = false;
    }
  }

  async query(text: string, values: unknown[] = []): Promise<{ rows: Row[] }> {
    if (text.startsWith('insert')) {
      const [channel, event, data] = values as [string, string, object];
      this.rows = [...this.rows, { id: ++this.#ids, channel, event, data }];
    } else if (text.startsWith('delete')) {
      this.rows = this.rows.filter(({ id }) => !(values[0] as number[]).includes(id));
    }
    return { rows: text.includes('from outbox order by id') ? this.rows : [] };
  }
}
