import { Injectable, Logger } from '@nestjs/common';
import { SseChannelError, SseChannels, SseInvalidMessageError, SseOverflowError } from 'nestjs-event-stream';

export interface Sql {
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
}

/** Your database. A transaction whose work throws is rolled back. */
export abstract class Database {
  abstract transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
}

/** In the transaction that changes the data: what is rolled back is never told, what is committed is never forgotten. */
export async function announce(sql: Sql, channel: string, event: string, data: object): Promise<void> {
  await sql.query('insert into outbox (channel, event, data) values ($1, $2, $3)', [channel, event, data]);
}

/** What no second try makes better, and would be in the way of everything behind it for ever. */
function isHopeless(error: unknown): boolean {
  const isClosed = error instanceof SseChannelError && error.problem === 'closed';
  return isClosed || error instanceof SseInvalidMessageError || error instanceof SseOverflowError;
}

@Injectable()
export class OutboxRelay {
  readonly #logger = new Logger('OutboxRelay');

  constructor(
    private readonly database: Database,
    private readonly channels: SseChannels,
  ) {}

  /** Publishes what was committed, and resolves with how many messages are dealt with. Call it after each commit, and every second. */
  run(): Promise<number> {
    return this.database.transaction(async (sql) => {
      await sql.query('select pg_advisory_xact_lock(7)'); // one relay at a time, or the order is lost
      const { rows } = await sql.query('select id, channel, event, data from outbox order by id limit 500');
      const dealtWith: unknown[] = [];
      for (const { id, channel, event, data } of rows) {
        try {
          await this.channels.publish(channel, { event, data: { ...data, outboxId: id } });
        } catch (error) {
          this.#logger.error(`Message ${id} cannot be published: ${error}`);
          if (!isHopeless(error)) break; // the backplane is away: with the next run, in the same order
        }
        dealtWith.push(id);
      }
      await sql.query('delete from outbox where id = any($1)', [dealtWith]);
      return dealtWith.length;
    });
  }
}
