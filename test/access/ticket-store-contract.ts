import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SseTicketStore } from '../../lib/access/ticket-store.js';

const HOUR_MS = 3_600_000;

/**
 * What every store of tickets must do, as its port says. Run it over each implementation.
 *
 * @param open one more instance that shares what is kept, which is nothing after `reset`
 */
export function ticketStoreContract(
  name: string,
  parts: { reset(): void | Promise<void>; open(): SseTicketStore },
): void {
  describe(`${name} as a store of tickets`, () => {
    let store: SseTicketStore;

    beforeEach(async () => {
      await parts.reset();
      store = parts.open();
    });

    it('has nothing at first', async () => {
      expect(await store.get('a')).toBeUndefined();
      expect(await store.take('a')).toBeUndefined();
    });

    it('gives what is kept as often as it is asked, until it is taken, and then never', async () => {
      await store.put('a', 'one', HOUR_MS);
      for (let n = 0; n < 3; n++) expect(await parts.open().get('a')).toBe('one');
      expect(await parts.open().take('a')).toBe('one');
      expect(await store.take('a')).toBeUndefined();
      expect(await store.get('a')).toBeUndefined();
    });

    it('keeps the last of one key, and those of other keys apart', async () => {
      await store.put('a', 'one', HOUR_MS);
      await store.put('A', 'other', HOUR_MS);
      await parts.open().put('a', 'two', HOUR_MS);
      expect(await store.take('a')).toBe('two');
      expect(await store.take('a')).toBeUndefined();
      expect(await store.get('A')).toBe('other');
    });

    it('gives it to one of all who take it at once', async () => {
      for (let round = 0; round < 20; round++) {
        await store.put('a', `${round}`, HOUR_MS);
        const takers = Array.from({ length: 10 }, (_, n) => (n % 2 ? store : parts.open()));
        const taken = await Promise.all(takers.map((taker) => taker.take('a')));
        expect(taken.filter((value) => value !== undefined)).toEqual([`${round}`]);
      }
    });

    it('forgets what has expired', async () => {
      await store.put('a', 'old', 1);
      while ((await store.get('a')) !== undefined);
      expect(await store.take('a')).toBeUndefined();
      await store.put('a', 'new', HOUR_MS);
      expect(await store.take('a')).toBe('new');
    });

    it('takes the time of the last, too', async () => {
      await store.put('a', 'short', 1);
      await store.put('a', 'long', HOUR_MS);
      await store.put('b', 'short', 1);
      while ((await store.get('b')) !== undefined);
      expect(await store.get('a')).toBe('long');
    });

    it.each([
      ['of other scripts', '{"claims":{"name":"größer ≥ 日本語 👩‍🚀"}}'],
      ['with control characters', '\0\r\n\u2028"\\'],
      ['that is long', 'é'.repeat(20_000)],
      ['that is empty', ''],
    ])('keeps a value %s', async (_what, value) => {
      await store.put('a', value, HOUR_MS);
      expect(await parts.open().get('a')).toBe(value);
      expect(await store.take('a')).toBe(value);
    });

    it('still works for a request that outlives the application', async () => {
      await store.put('a', 'one', HOUR_MS);
      await store.close?.();
      expect(await store.take('a')).toBe('one');
      await store.put('a', 'two', HOUR_MS);
      expect(await parts.open().take('a')).toBe('two');
      await store.close?.();
    });
  });
}
