import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ticketStoreContract } from '../../test/access/ticket-store-contract.js';
import { MemoryTicketStore } from './memory-ticket-store.js';

const HOUR_MS = 3_600_000;
let shared: MemoryTicketStore;

ticketStoreContract('MemoryTicketStore', {
  reset() {
    shared = new MemoryTicketStore();
  },
  open: () => shared,
});

describe('MemoryTicketStore', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('keeps a ticket for its time, and no longer', async () => {
    const store = new MemoryTicketStore();
    await store.put('a', 'one', 1000);
    jest.advanceTimersByTime(999);
    expect(await store.get('a')).toBe('one');
    jest.advanceTimersByTime(1);
    expect(await store.get('a')).toBeUndefined();
    expect(await store.take('a')).toBeUndefined();
  });

  it('forgets the oldest beyond its bound; what is put again is the newest', async () => {
    const store = new MemoryTicketStore({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'a', 'd', 'e']) await store.put(key, key, HOUR_MS);
    const kept = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => store.get(key)));
    expect(kept).toEqual(['a', undefined, undefined, 'd', 'e']);
    expect(store.size).toBe(3);
  });

  it('lets go of all that has expired while others come, without a timer', async () => {
    const store = new MemoryTicketStore();
    for (let n = 0; n < 300; n++) await store.put(`old ${n}`, 'x', n % 2 ? 1000 : HOUR_MS);
    jest.advanceTimersByTime(1000);
    expect(jest.getTimerCount()).toBe(0);
    for (let n = 0; n < 200; n++) await store.put(`new ${n}`, 'x', HOUR_MS);
    expect(store.size).toBe(350);
  });

  it('stays small where each is gone before the next ones come', async () => {
    const store = new MemoryTicketStore();
    let most = 0;
    for (let n = 0; n < 5000; n++) {
      await store.put(`${n}`, 'x', 100);
      jest.advanceTimersByTime(10);
      most = Math.max(most, store.size);
    }
    // Ten live at any time.
    expect(most).toBeLessThan(20);
  });

  it('names what is wrong with its options', () => {
    expect(() => new MemoryTicketStore({ maxEntries: 0 })).toThrow(/'maxEntries' must be a whole number ≥ 1/);
    expect(() => new MemoryTicketStore({ max: 1 } as never)).toThrow(/'max' is not an option/);
  });
});
