import 'reflect-metadata';
import { deepStrictEqual } from 'node:assert';
import { SseStream } from '@nestjs/core/router/sse-stream.js';
import { createEventBuffer } from 'better-sse';
import { ours as decode } from './codec-decoders.mjs';
import { interleave } from './codec-interleaved.mjs';

/** @type {typeof import('../dist/protocol/index.js')} */
const { encodeMessage } = await import(process.env.CODEC ?? '../dist/protocol/index.js');

/** @typedef {{ id: string, event: string, data: object }} Message */
/** @typedef {(message: Message) => { length: number }} Encode */

const FLOOR = 'JSON.stringify';
const SIZES = { '110 B': 110, '1 KB': 1000, '10 KB': 10_000 };
/** The cost beside bare JSON.stringify. @type {Record<string, number>} */
const MOST = { '110 B': 1.8, '1 KB': 1.3, '10 KB': 1.15 };

/** Nest's formatting without the stream around it. @type {Encode} */
function encodeLikeNest({ id, event, data }) {
  let text = '';
  const target = {
    commitHeaders() {},
    push(/** @type {string} */ chunk) {
      text = chunk;
    },
  };
  SseStream.prototype._transform.call(/** @type {any} */ (target), { id, type: event, data }, 'utf8', () => {});
  return Buffer.from(text);
}

/** Its own event buffer, then the bytes. @type {Encode} */
function encodeLikeBetterSse({ id, event, data }) {
  const buffer = createEventBuffer();
  buffer.event(event).id(id).data(data).dispatch();
  return Buffer.from(buffer.read());
}

/** @type {Record<string, { role: 'ours' | 'peer' | 'floor', encode: Encode }>} */
const encoders = {
  ours: { role: 'ours', encode: (message) => encodeMessage(message) },
  'better-sse': { role: 'peer', encode: encodeLikeBetterSse },
  Nest: { role: 'peer', encode: encodeLikeNest },
  [FLOOR]: { role: 'floor', encode: ({ data }) => JSON.stringify(data) },
};

/**
 * Nanoseconds for a message, from the object to the bytes.
 *
 * @param {string} title
 * @param {{ rounds: number, warmUp: number, encodedBytes: number }} sizes
 * @returns {import('./suite/contract.mjs').Table}
 */
export function encodingTable(title, { encodedBytes, ...rounds }) {
  const entries = Object.entries(encoders);
  /** @type {Record<string, import('./suite/contract.mjs').Subject>} */
  const subjects = {};
  for (const [name, size] of Object.entries(SIZES)) {
    const messages = Array.from({ length: 100 }, (_, at) => ({
      id: `${1e6 + at}`,
      event: 'update',
      data: order(at, size),
    }));
    verify(messages);
    const repeats = Math.ceil(encodedBytes / (size + 100) / messages.length);
    const runs = entries.map(([subject, { role, encode }]) => {
      return { name: subject, role, run: () => encodeAll(messages, repeats, encode) };
    });
    interleave(subjects, name, runs, (ms) => (ms * 1e6) / repeats / messages.length, rounds);
  }
  return {
    title,
    base: FLOOR,
    figures: Object.fromEntries(Object.keys(SIZES).map((name) => [name, { unit: 'ns', better: 'less' }])),
    subjects,
    targets: Object.entries(MOST).map(([figure, most]) => ({ figure, of: 'ours', over: FLOOR, most, smoke: true })),
  };
}

/** All give bytes that decode to the same. @param {Message[]} messages */
function verify(messages) {
  const expected = messages.map(({ id, event, data }) => [event, JSON.stringify(data), id]);
  for (const [name, { role, encode }] of Object.entries(encoders)) {
    if (role === 'floor') continue;
    /** @type {unknown[]} */
    const decoded = [];
    decode(/** @type {Buffer[]} */ (messages.map(encode)), (...message) => decoded.push(message));
    deepStrictEqual(decoded, expected, `${name} encodes to something else`);
  }
}

/** @param {Message[]} messages @param {number} repeats @param {Encode} encode */
function encodeAll(messages, repeats, encode) {
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
