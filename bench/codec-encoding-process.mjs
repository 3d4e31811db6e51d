/**
 * One subject of the encoding table, in a process of its own. Asked with sizes of messages by name, it answers with the
 * nanoseconds for a message of each.
 */
import { deepStrictEqual } from 'node:assert';
import { decoders } from './codec-decoders.mjs';
import { encoders } from './codec-encoders.mjs';
import { processorTime } from './suite/processor-time.mjs';

const DIFFERENT = 100;

const [subject = '', encodedBytes] = process.argv.slice(2);
const { role, encode } = /** @type {(typeof encoders)[string]} */ (encoders[subject]);

/** @type {Map<number, ReturnType<typeof messagesOf>>} */
const made = new Map();

/** @param {number} size in characters of the JSON */
function messagesOf(size) {
  return Array.from({ length: DIFFERENT }, (_, at) => ({ id: `${1e6 + at}`, event: 'update', data: order(at, size) }));
}

/** What it gives decodes to what it was given. @param {import('./codec-encoders.mjs').Message[]} messages */
function verify(messages) {
  if (role === 'floor') return;
  const expected = messages.map(({ id, event, data }) => [event, JSON.stringify(data), id]);
  /** @type {unknown[]} */
  const decoded = [];
  decoders.ours?.(/** @type {Buffer[]} */ (messages.map(encode)), (...message) => decoded.push(message));
  deepStrictEqual(decoded, expected, `${subject} encodes to something else`);
}

/** @param {import('./codec-encoders.mjs').Message[]} messages @param {number} repeats */
function encodeAll(messages, repeats) {
  let length = 0;
  for (let turn = 0; turn < repeats; turn++) for (const message of messages) length += encode(message).length;
  if (length === 0) throw new Error('nothing was encoded');
}

/** An ordinary object whose JSON has about `size` characters. @param {number} index @param {number} size */
function order(index, size) {
  const lines = [];
  for (let at = 0; at < (size - 60) / 50; at++) lines.push({ sku: `item-${index}-${at}`, count: at, price: 12.5 + at });
  return { seq: index, at: 1_700_000_000_000 + index, ok: true, lines };
}

process.on('message', (/** @type {Record<string, number>} */ sizes) => {
  const figures = Object.entries(sizes).map(([name, size]) => {
    const messages = made.get(size) ?? messagesOf(size);
    if (!made.has(size)) verify(messages);
    made.set(size, messages);
    const repeats = Math.ceil(Number(encodedBytes) / (size + 100) / DIFFERENT);
    return [name, (processorTime(() => encodeAll(messages, repeats)) * 1e6) / repeats / DIFFERENT];
  });
  process.send?.(Object.fromEntries(figures));
});
process.on('disconnect', () => process.exit());
