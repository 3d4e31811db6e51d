/**
 * How fast the codec is, beside others, in one run: `npm run build && node bench/codec.mjs`.
 *
 * Decoding: MB/s of our decoder and of eventsource-parser, fed by a streaming TextDecoder and by a StringDecoder, for six
 * kinds of stream cut into chunks of four sizes. Each subject adds up what its messages hold, so that none can skip work.
 * Encoding: the cost of `{id, event, object}` to bytes, beside bare `JSON.stringify` of the object and beside what better-sse
 * does (its own event buffer, then the bytes).
 *
 * Method: see codec-interleaved.mjs. Before anything is timed, all subjects must give equal results on every fixture. Differences
 * under 10 % are noise. Other builds can be named: CODEC (our protocol/index.js) and PARSER (eventsource-parser's module).
 */
import { deepStrictEqual } from 'node:assert';
import { existsSync, readFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { createEventBuffer } from 'better-sse';
import { corpora, cut } from './codec-corpora.mjs';
import { interleaved } from './codec-interleaved.mjs';

/** @type {typeof import('../dist/protocol/index.js')} */
const { SseDecoder, encodeMessage } = await import(process.env.CODEC ?? '../dist/protocol/index.js');
const { createParser } = await import(process.env.PARSER ?? 'eventsource-parser');

const CHUNK_SIZES = [64, 1460, 16 * 1024, 64 * 1024];
const CORPUS_BYTES = Number(process.env.CORPUS_BYTES ?? 2_000_000);

/** @typedef {(event: string, data: string, id: string | undefined) => void} Take */
/** @typedef {{ event?: string, data: string, id?: string }} ParsedEvent */

/** @typedef {(chunks: Buffer[], take: Take) => void} Decode */

/** @type {Decode} */
function parserWithTextDecoder(chunks, take) {
  const text = new TextDecoder();
  const parser = createParser({ onEvent: (/** @type {ParsedEvent} */ m) => take(m.event ?? 'message', m.data, m.id) });
  for (const chunk of chunks) parser.feed(text.decode(chunk, { stream: true }));
}

/** @type {Decode} */
function parserWithStringDecoder(chunks, take) {
  const text = new StringDecoder('utf8');
  const parser = createParser({ onEvent: (/** @type {ParsedEvent} */ m) => take(m.event ?? 'message', m.data, m.id) });
  for (const chunk of chunks) parser.feed(text.write(chunk));
}

/** @type {Decode} */
function ours(chunks, take) {
  const decoder = new SseDecoder({ onMessage: (m) => take(m.event, m.data, m.id) });
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
}

const decoders = [
  { name: 'parser + TextDecoder', decode: parserWithTextDecoder },
  { name: 'parser + StringDecoder', decode: parserWithStringDecoder },
  { name: 'ours', decode: ours },
];

/** @param {Decode} decode @param {Buffer[]} chunks */
function collected(decode, chunks) {
  /** @type {unknown[]} */
  const messages = [];
  decode(chunks, (event, data, id) => messages.push([event, data, id]));
  return messages;
}

function compareDecoders() {
  console.log('Decoding, MB/s (how many times as fast as parser + TextDecoder)\n');
  for (const { name, bytes } of corpora(CORPUS_BYTES)) {
    for (const size of CHUNK_SIZES) {
      const chunks = cut(bytes, size);
      const [first, ...others] = decoders.map(({ decode }) => collected(decode, chunks));
      for (const other of others) deepStrictEqual(other, first);
      let sum = 0;
      /** @type {Take} */
      const take = (event, data) => {
        sum += event.length + data.length;
      };
      const results = interleaved(decoders.map((one) => ({ name: one.name, run: () => one.decode(chunks, take) })));
      const columns = results.map(({ name: subject, ms, ratio }) => {
        return `${subject} ${(bytes.length / ms / 1000).toFixed(0).padStart(5)} (${(1 / ratio).toFixed(2)})`;
      });
      console.log(`${name.padEnd(14)} ${String(size).padStart(6)} B   ${columns.join('   ')}`);
      if (sum === 0) throw new Error('nothing was decoded');
    }
  }
}

/** @typedef {{ id: string, event: string, data: object }} Message */

/** @param {Message} message */
function encodeLikeBetterSse({ id, event, data }) {
  const buffer = createEventBuffer();
  buffer.event(event).id(id).data(data).dispatch();
  return Buffer.from(buffer.read());
}

function compareEncoders() {
  console.log('\nEncoding {id, event, object}, ns (cost divided by bare JSON.stringify)\n');
  for (const size of [110, 1_000, 10_000]) {
    /** @type {Message[]} */
    const messages = Array.from({ length: 100 }, (_, at) => ({
      id: `${1e6 + at}`,
      event: 'update',
      data: order(at, size),
    }));
    const [own, theirs] = [messages.map((message) => encodeMessage(message)), messages.map(encodeLikeBetterSse)];
    deepStrictEqual(collected(ours, own), collected(ours, theirs));
    const repeats = Math.ceil(200_000 / (size + 100));
    /** @param {string} name @param {(message: Message) => { length: number }} encode */
    const subject = (name, encode) => ({
      name,
      run() {
        let length = 0;
        for (let turn = 0; turn < repeats; turn++) for (const message of messages) length += encode(message).length;
        if (length === 0) throw new Error('nothing was encoded');
      },
    });
    const results = interleaved([
      subject('JSON.stringify', ({ data }) => JSON.stringify(data)),
      subject('better-sse', encodeLikeBetterSse),
      subject('ours', (message) => encodeMessage(message)),
    ]);
    const columns = results.map(({ name, ms, ratio }) => {
      return `${name} ${((ms * 1e6) / repeats / messages.length).toFixed(0).padStart(6)} (${ratio.toFixed(2)})`;
    });
    console.log(`${String(size).padStart(6)} B   ${columns.join('   ')}`);
  }
}

/** An ordinary object whose JSON has about `size` characters. @param {number} index @param {number} size */
function order(index, size) {
  const lines = [];
  for (let at = 0; at < (size - 60) / 50; at++) lines.push({ sku: `item-${index}-${at}`, count: at, price: 12.5 + at });
  return { seq: index, at: 1_700_000_000_000 + index, ok: true, lines };
}

/** The version of an installed package, whatever it exports. @param {string} entry a module of it, as a URL or a path */
function versionOf(entry) {
  for (let folder = new URL('.', new URL(entry, 'file:')); ; folder = new URL('..', folder)) {
    const manifest = new URL('package.json', folder);
    const version = existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version;
    if (version || folder.pathname === '/') return version;
  }
}

const parser = process.env.PARSER ?? import.meta.resolve('eventsource-parser');
console.log(
  `node ${process.version}, eventsource-parser ${versionOf(parser)}, better-sse ${versionOf(import.meta.resolve('better-sse'))}\n`,
);
compareDecoders();
compareEncoders();
