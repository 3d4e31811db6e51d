import { randomBytes } from 'node:crypto';
import type { SseTicketClaims, SseTicketGrant } from './ticket-grant.js';
import { newSecret, revocationKey, sessionKey, ticketKey } from './ticket-secrets.js';
import type { TicketSettings } from './ticket-settings.js';
import { SseTicketStoreError } from './ticket-store.error.js';

/** What is kept of a ticket, and of the session that it becomes. */
export interface TicketRecord {
  readonly path: string;
  readonly subject: string;
  readonly claims: SseTicketClaims;
  /** Milliseconds since 1970. */
  readonly until?: number;
  /** The last revocation of the subject before the ticket was issued; the empty text if there was none. */
  readonly revocation: string;
}

/** A session that has just begun. */
export interface BegunSession {
  readonly record: TicketRecord;
  readonly key: string;
  /** What the browser gets to know, and nobody else. */
  readonly secret: string;
  readonly lifeMs: number;
}

/**
 * What tickets and sessions there are, over all instances. All of it throws `SseTicketStoreError` when the store fails.
 *
 * A revocation is a mark of its own that nothing else carries the number of: what was issued before has another one. That
 * needs no list of what a subject has, and no clock that all instances agree about.
 */
export class TicketBook {
  readonly #settings: TicketSettings;

  constructor(settings: TicketSettings) {
    this.#settings = settings;
  }

  /** @returns the ticket, which is nowhere else */
  async issue({ path, subject, claims = {}, until }: SseTicketGrant): Promise<string> {
    const ticket = newSecret();
    const revocation = (await this.#get(revocationKey(subject))) ?? '';
    const record: TicketRecord = { path, subject, claims, revocation, ...(until !== undefined && { until: +until }) };
    await this.#put(ticketKey(ticket), record, this.#lifeOf(record, this.#settings.ttlMs));
    return ticket;
  }

  /** Lets one of all who ask begin a session. Whatever is wrong, the ticket is good no more. */
  async redeem(ticket: string, path: string): Promise<BegunSession | undefined> {
    const record = await this.#valid(await this.#take(ticketKey(ticket)), path);
    if (!record) {
      return undefined;
    }
    const secret = newSecret();
    const key = sessionKey(ticket, secret);
    const lifeMs = this.#lifeOf(record, this.#settings.sessionMs);
    await this.#put(key, record, lifeMs);
    return { record, key, secret, lifeMs };
  }

  /** @param key of a session */
  async find(key: string, path: string): Promise<TicketRecord | undefined> {
    return this.#valid(await this.#get(key), path);
  }

  async revoke(subject: string): Promise<void> {
    const { ttlMs, sessionMs } = this.#settings;
    // Longer than anything that was issued before can live.
    await this.#do('revoke', (store) =>
      store.put(revocationKey(subject), randomBytes(12).toString('hex'), ttlMs + sessionMs),
    );
  }

  async #valid(text: string | undefined, path: string): Promise<TicketRecord | undefined> {
    if (text === undefined) {
      return undefined;
    }
    const record = await this.#do('read one', async () => JSON.parse(text) as TicketRecord);
    if (record.path !== path || (record.until !== undefined && record.until <= Date.now())) {
      return undefined;
    }
    const revocation = await this.#get(revocationKey(record.subject));
    return revocation === undefined || revocation === record.revocation ? record : undefined;
  }

  /** Whole milliseconds, and at least one: stores take no other. */
  #lifeOf({ until = Number.POSITIVE_INFINITY }: TicketRecord, most: number): number {
    return Math.max(1, Math.floor(Math.min(most, until - Date.now())));
  }

  #get(key: string): Promise<string | undefined> {
    return this.#do('look one up', (store) => store.get(key));
  }

  #take(key: string): Promise<string | undefined> {
    return this.#do('redeem one', (store) => store.take(key));
  }

  #put(key: string, record: TicketRecord, ttlMs: number): Promise<void> {
    return this.#do('keep one', (store) => store.put(key, JSON.stringify(record), ttlMs));
  }

  async #do<T>(what: string, work: (store: TicketSettings['store']) => Promise<T>): Promise<T> {
    try {
      return await work(this.#settings.store);
    } catch (cause) {
      throw new SseTicketStoreError(what, cause);
    }
  }
}
