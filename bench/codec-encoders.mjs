/** The encoders that codec.mjs compares: from `{id, event, object}` to the bytes. */
import 'reflect-metadata';
import { SseStream } from '@nestjs/core/router/sse-stream.js';
import { createEventBuffer } from 'better-sse';

/** @type {typeof import('../dist/protocol/index.js')} */
const { encodeMessage } = await import(process.env.CODEC ?? '../dist/protocol/index.js');

/** @typedef {{ id: string, event: string, data: object }} Message */
/** @typedef {(message: Message) => { length: number }} Encode */

export const FLOOR = 'JSON.stringify';

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
export const encoders = {
  ours: { role: 'ours', encode: (message) => encodeMessage(message) },
  'better-sse': { role: 'peer', encode: encodeLikeBetterSse },
  Nest: { role: 'peer', encode: encodeLikeNest },
  [FLOOR]: { role: 'floor', encode: ({ data }) => JSON.stringify(data) },
};
