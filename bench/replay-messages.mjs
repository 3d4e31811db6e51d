/** What is kept, and replayed to those who come back: messages of about 110 bytes, as those of fan-out.mjs. */

const FILLER = 'x'.repeat(40);

/** @typedef {{ id: string, event: string, data: { n: number, filler: string, last: 0 | 1 } }} Message */

/**
 * The messages 0 to `count`: the first of them is the one that everybody has had. The last one says so, for the clients look at
 * nothing else while they count.
 *
 * @param {number} count @returns {Message[]}
 */
export function keptMessages(count) {
  return Array.from({ length: count + 1 }, (_, n) => ({
    id: String(n),
    event: 'tick',
    data: { n, filler: FILLER, last: n === count ? 1 : 0 },
  }));
}

/** What a body ends with when all is there: the end of the last message, and of the chunk that has it. */
export const END_OF_REPLAY = '"last":1}\n\n\r\n';

/** More than a stream needs for so many, its head and chunks included. @param {number} count */
export function capacityFor(count) {
  return count * 250 + 4096;
}
