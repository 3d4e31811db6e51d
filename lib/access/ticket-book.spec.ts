import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryTicketStore } from './memory-ticket-store.js';
import { TicketBook } from './ticket-book.js';
import { ticketSettings } from './ticket-settings.js';

const PATH = '/orders/stream';
const TTL_MS = 30_000;
const SESSION_MS = 900_000;

describe('TicketBook', () => {
  /** All that the store was ever told. */
  let told: string[];
  let book: TicketBook;

  beforeEach(() => {
    jest.useFakeTimers();
    told = [];
    class WatchedStore extends MemoryTicketStore {
      override put(key: string, value: string, ttlMs: number): Promise<void> {
        told.push(key, value);
        expect(Number.isSafeInteger(ttlMs) && ttlMs > 0).toBe(true);
        return super.put(key, value, ttlMs);
      }
    }
    book = new TicketBook(ticketSettings({ store: new WatchedStore(), ttlMs: TTL_MS, sessionMs: SESSION_MS }));
  });

  afterEach(() => void jest.useRealTimers());

  const issue = (until?: Date | number) => book.issue({ path: PATH, subject: '7', until });
  const begin = async (until?: Date | number) => (await book.redeem(await issue(until), PATH))!;

  it('takes a ticket until its time is over', async () => {
    const [early, late] = [await issue(), await issue()];
    jest.advanceTimersByTime(TTL_MS - 1);
    expect(await book.redeem(early, PATH)).toMatchObject({ lifeMs: SESSION_MS });
    jest.advanceTimersByTime(1);
    expect(await book.redeem(late, PATH)).toBeUndefined();
  });

  it('has a session for as long as it was begun for, however often it is asked for', async () => {
    const { key } = await begin();
    for (let n = 0; n < 9; n++) {
      jest.advanceTimersByTime(SESSION_MS / 10);
      expect(await book.find(key, PATH)).toMatchObject({ subject: '7' });
    }
    jest.advanceTimersByTime(SESSION_MS / 10);
    expect(await book.find(key, PATH)).toBeUndefined();
  });

  it.each([
    ['a Date', (ms: number) => new Date(ms)],
    ['a number', (ms: number) => ms],
    ['a fraction', (ms: number) => ms + 0.5],
  ])('has nothing that outlives the token, whose end is %s', async (_what, at) => {
    const unused = await issue(at(Date.now() + 10_000));
    const { key, lifeMs } = await begin(at(Date.now() + 10_000));
    expect(lifeMs).toBe(10_000);
    jest.advanceTimersByTime(9_999);
    expect(await book.find(key, PATH)).toBeDefined();
    jest.advanceTimersByTime(2);
    expect(await book.find(key, PATH)).toBeUndefined();
    expect(await book.redeem(unused, PATH)).toBeUndefined();
  });

  it('does not trust the store to forget what ends with the token', async () => {
    const { key } = await begin(Date.now() + 10_000);
    // Clocks are set; what a store counts down is not.
    jest.setSystemTime(Date.now() + 10_000);
    expect(await book.find(key, PATH)).toBeUndefined();
  });

  it('remembers a revocation for longer than all lives that was issued before it', async () => {
    const ticket = await issue();
    await book.revoke('7');
    const later = await begin();
    jest.advanceTimersByTime(TTL_MS - 1);
    expect(await book.redeem(ticket, PATH)).toBeUndefined();
    const other = await begin();
    await book.revoke('7');
    jest.advanceTimersByTime(SESSION_MS - TTL_MS);
    expect(await book.find(later.key, PATH)).toBeUndefined();
    expect(await book.find(other.key, PATH)).toBeUndefined();
  });

  it('remembers it for a ticket that lives longer than a session, too', async () => {
    const quick = new TicketBook(ticketSettings({ ttlMs: 10_000, sessionMs: 1000 }));
    const ticket = await quick.issue({ path: PATH, subject: '7' });
    await quick.revoke('7');
    jest.advanceTimersByTime(9_999);
    expect(await quick.redeem(ticket, PATH)).toBeUndefined();
  });

  it('has what is issued after a revocation outlive it', async () => {
    await book.revoke('7');
    jest.advanceTimersByTime(TTL_MS + SESSION_MS - 1);
    const { key } = await begin();
    jest.advanceTimersByTime(1000);
    expect(await book.find(key, PATH)).toBeDefined();
  });

  it('tells the store neither a ticket nor what the browser gets for it', async () => {
    const ticket = await issue();
    const { secret, key } = (await book.redeem(ticket, PATH))!;
    await book.revoke('7');
    expect(told).toHaveLength(6);
    expect(told).toContain(key);
    expect(told.filter((text) => text.includes(ticket) || text.includes(secret))).toEqual([]);
    expect(told.filter((_, n) => n % 2 === 0)).toEqual([
      expect.stringMatching(/^ticket:[\w-]{43}$/),
      expect.stringMatching(/^session:[\w-]{43}$/),
      expect.stringMatching(/^revoked:[\w-]{43}$/),
    ]);
  });
});
