/**
 * The decoders that codec.mjs compares. launchdarkly-eventsource has its parser inside its client, so it takes part in
 * receiver.mjs only; that of undici can be loaded by its path, and is fed as undici feeds it.
 */
import { StringDecoder } from 'node:string_decoder';
import { EventSourceStream } from 'undici/lib/web/eventsource/eventsource-stream.js';
import { newestParser } from './suite/newest-parser.mjs';

/** @typedef {(event: string, data: string, id: string | undefined) => void} Take */
/** @typedef {(chunks: Buffer[], take: Take) => void} Decode */

/** Other builds can be named. @type {typeof import('../dist/protocol/index.js')} */
const { SseDecoder } = await import(process.env.CODEC ?? '../dist/protocol/index.js');
/** @type {typeof import('eventsource-parser')} */
const { createParser } = await import(process.env.PARSER ?? newestParser());

export const USUAL = 'parser + TextDecoder';

/** @param {Take} take */
function parser(take) {
  return createParser({ onEvent: (m) => take(m.event ?? 'message', m.data, m.id) });
}

/** @type {Record<string, Decode>} */
export const decoders = {
  ours(chunks, take) {
    const decoder = new SseDecoder({ onMessage: (m) => take(m.event, m.data, m.id) });
    for (const chunk of chunks) decoder.push(chunk);
    decoder.end();
  },
  [USUAL](chunks, take) {
    const text = new TextDecoder();
    const { feed } = parser(take);
    for (const chunk of chunks) feed(text.decode(chunk, { stream: true }));
  },
  'parser + StringDecoder'(chunks, take) {
    const text = new StringDecoder('utf8');
    const { feed } = parser(take);
    for (const chunk of chunks) feed(text.write(chunk));
  },
  undici(chunks, take) {
    const stream = new EventSourceStream({
      push({ type, options: { data, lastEventId } }) {
        take(type, data, lastEventId);
        return true;
      },
    });
    for (const chunk of chunks) stream.write(chunk);
  },
};
