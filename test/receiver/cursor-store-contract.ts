import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SseCursorStore } from '../../lib/receiver/cursor-store.js';

/** Any text at all: halves of surrogate pairs, NUL and what means something in a path among it. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.constantFrom(
    '',
    '.',
    '..',
    '../..',
    '/',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'CON',
    'a\0',
    '__proto__',
    '1.json',
    '\ud800',
  ),
);

const twoSources = fc.tuple(anyText, anyText).filter(([a, b]) => a !== b);

/**
 * What every cursor store must do, as its port says. Run it over each implementation.
 *
 * @param open one more holder of the same cursors, which are fresh ones after `reset`
 */
export function cursorStoreContract(
  name: string,
  parts: { reset(): void | Promise<void>; open(): SseCursorStore },
): void {
  describe(`${name} as a cursor store`, () => {
    let store: SseCursorStore;

    beforeEach(async () => {
      await parts.reset();
      store = parts.open();
    });

    /** What somebody finds who takes the source over. */
    const stored = async (source: string) => (await parts.open().load(source)).lastEventId;

    it('has no cursor at first, and none either for who comes after one that has saved none', async () => {
      expect(await store.load('a')).not.toHaveProperty('lastEventId');
      expect(await stored('a')).toBeUndefined();
      expect(await stored('a')).toBeUndefined();
    });

    it('gives what was saved last, to everybody who loads after that', async () => {
      const { fence } = await store.load('a');
      for (const id of ['1', '2', '3']) await store.save('a', id, fence);
      expect(await stored('a')).toBe('3');
      expect(await stored('a')).toBe('3');
    });

    it('keeps the empty string, which is a cursor too', async () => {
      const { fence } = await store.load('a');
      await store.save('a', '1', fence);
      await store.save('a', '', fence);
      expect(await stored('a')).toBe('');
      expect(await stored('a')).toBe('');
    });

    it.each([
      ['of other scripts', 'größer ≥ 日本語 👩‍🚀 e\u0301'],
      ['with half a surrogate pair', 'a\ud83d'],
      ['that looks like JSON', '"}\\u0000{"lastEventId":"b"}'],
      ['with spaces and line ends', ' \t a\r\n\u2028 '],
      ['of 4 KB', 'é'.repeat(2048)],
    ])('keeps an id %s as it is', async (_, id) => {
      const { fence } = await store.load('a');
      await store.save('a', id, fence);
      expect(await stored('a')).toBe(id);
    });

    it('keeps any two sources apart, whatever they are called', async () => {
      await fc.assert(
        fc.asyncProperty(twoSources, async ([a, b]) => {
          await parts.reset();
          const [first, second] = [parts.open(), parts.open()];
          const [of, other] = [await first.load(a), await second.load(b)];
          expect(other).not.toHaveProperty('lastEventId');
          await first.save(a, 'of a', of.fence);
          await second.save(b, 'of b', other.fence);
          await first.save(a, 'again of a', of.fence);
          expect([await stored(a), await stored(b)]).toEqual(['again of a', 'of b']);
        }),
        // The halves of surrogate pairs are all the same character in UTF-8; é may be written in two ways.
        { numRuns: 50, examples: [[['a\ud800', 'a\ud801']], [['\u00e9', 'e\u0301']], [['a', 'A']], [['', ' ']]] },
      );
    });

    it('takes a source of any length', async () => {
      const source = 'long/'.repeat(20_000);
      const { fence } = await store.load(source);
      await store.save(source, '1', fence);
      expect(await stored(`${source}/`)).toBeUndefined();
      expect(await stored(source)).toBe('1');
    });

    it('gives fences that increase, saved under or not', async () => {
      const fences: number[] = [];
      for (let turn = 0; turn < 6; turn++) {
        const { fence } = await parts.open().load('a');
        if (turn % 2) await parts.open().save('a', `${turn}`, fence);
        fences.push(fence);
      }
      expect(fences.every((fence, n) => Number.isSafeInteger(fence) && (n === 0 || fence > fences[n - 1]!))).toBe(true);
    });

    it('refuses a stale fence, and changes nothing', async () => {
      const old = await store.load('a');
      await store.save('a', '1', old.fence);
      const owner = parts.open();
      const { fence, lastEventId } = await owner.load('a');
      expect(lastEventId).toBe('1');
      const refusal = { code: 'SSE_CURSOR', reason: 'fenced', source: 'a' };
      await expect(store.save('a', 'stale', old.fence)).rejects.toMatchObject(refusal);
      await expect(owner.save('a', 'stale', old.fence)).rejects.toMatchObject(refusal);
      expect(await stored('a')).toBe('1');
      await expect(owner.save('a', 'stale', fence)).rejects.toMatchObject(refusal);
    });

    it('lets the owner go on after somebody else was refused', async () => {
      const old = await store.load('a');
      const owner = parts.open();
      const { fence } = await owner.load('a');
      await owner.save('a', '1', fence);
      await expect(store.save('a', 'stale', old.fence)).rejects.toMatchObject({ reason: 'fenced' });
      await owner.save('a', '2', fence);
      expect(await stored('a')).toBe('2');
    });

    it('refuses nobody because of another source', async () => {
      const { fence } = await store.load('a');
      for (let turn = 0; turn < 3; turn++) await parts.open().load('b');
      await store.save('a', '1', fence);
      expect(await stored('a')).toBe('1');
    });

    it('gives a fence of its own to each of those that load at once, and the cursor to all', async () => {
      const { fence } = await store.load('a');
      await store.save('a', '1', fence);
      const loaded = await Promise.all(Array.from({ length: 12 }, () => parts.open().load('a')));
      const fences = loaded.map((cursor) => cursor.fence);
      expect(new Set(fences).size).toBe(12);
      expect(fences.every((each) => each > fence)).toBe(true);
      expect(loaded.map(({ lastEventId }) => lastEventId)).toEqual(Array(12).fill('1'));
      const saves = await Promise.allSettled(fences.map((each) => store.save('a', `by ${each}`, each)));
      const highest = Math.max(...fences);
      expect(saves.map(({ status }) => status === 'fulfilled')).toEqual(fences.map((each) => each === highest));
      expect(await stored('a')).toBe(`by ${highest}`);
    });

    it('never loses a save that was accepted to somebody who loads meanwhile', async () => {
      let accepted = 0;
      for (let turn = 0; turn < 30; turn++) {
        const holder = parts.open();
        const { fence } = await holder.load('a');
        const saving = holder.save('a', `${accepted + 1}`, fence).then(
          () => true,
          (error: unknown) => {
            expect(error).toMatchObject({ reason: 'fenced' });
            return false;
          },
        );
        const loading = parts.open().load('a');
        if (await saving) accepted++;
        await loading;
        const { lastEventId = '0' } = await parts.open().load('a');
        expect([`${accepted}`, `${accepted + 1}`]).toContain(lastEventId);
        accepted = Number(lastEventId);
      }
    });
  });
}
