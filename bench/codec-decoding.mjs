import { deepStrictEqual } from 'node:assert';
import { corpora, cut } from './codec-corpora.mjs';
import { ours, peers, USUAL } from './codec-decoders.mjs';
import { interleave } from './codec-interleaved.mjs';
import { isWanted } from './suite/plan.mjs';

const CHUNKS = { '64 B': 64, '1,460 B': 1460, '16 KB': 16 * 1024, '64 KB': 64 * 1024 };
const QUICK_CHUNKS = { '1,460 B': CHUNKS['1,460 B'], '64 KB': CHUNKS['64 KB'] };

/** How many times as fast as the usual parser: by corpus, for chunks of each size. @type {Record<string, number[]>} */
const LEAST = {
  '180 B events': [1.4, 1.8, 3.3, 3.3],
  '1 KB JSON': [1.4, 1.8, 3.3, 3.3],
  '100 KB events': [1.4, 2.5, 4, 4],
  CRLF: [1.6, 1.6, 1.6, 1.6],
  'many comments': [1.4, 2, 2, 2],
  'non-ASCII': [1.3, 1.3, 1.3, 1.3],
};
/** In the quick form, what small chunks cost is mostly compiling. */
const STEADY = '64 KB';
const FAIR = 'parser + StringDecoder';

/**
 * A table for each corpus: MB/s of each decoder, in chunks of each size. Each decoder adds up what its messages hold, so that
 * none can skip work, and gives what is in the corpus before it is timed.
 *
 * @param {import('./suite/contract.mjs').Settings} settings
 * @param {{ rounds: number, warmUp: number, corpusBytes: number }} sizes
 * @returns {Generator<import('./suite/contract.mjs').Table>}
 */
export function* decodingTables(settings, { corpusBytes, ...rounds }) {
  for (const corpus of corpora(corpusBytes)) {
    const title = `Decoding ${corpus.name}`;
    if (isWanted(settings, title)) yield decodingTable(title, corpus, settings.quick ? QUICK_CHUNKS : CHUNKS, rounds);
  }
}

/**
 * @param {string} title
 * @param {import('./codec-corpora.mjs').Corpus} corpus
 * @param {Record<string, number>} chunkSizes
 * @param {{ rounds: number, warmUp: number }} rounds
 * @returns {import('./suite/contract.mjs').Table}
 */
function decodingTable(title, corpus, chunkSizes, rounds) {
  const names = Object.keys(chunkSizes);
  /** @type {Record<string, import('./suite/contract.mjs').Subject>} */
  const subjects = {};
  for (const size of names) {
    const speed = (/** @type {number} */ ms) => corpus.bytes.length / ms / 1000;
    interleave(subjects, size, decoderRuns(corpus, Number(chunkSizes[size])), speed, rounds);
  }
  const targets = names.flatMap((size) => {
    const least = LEAST[corpus.name]?.[Object.keys(CHUNKS).indexOf(size)];
    return [
      { figure: size, of: 'ours', over: USUAL, least, smoke: size === STEADY },
      { figure: size, of: 'ours', over: FAIR, least: 1 },
    ];
  });
  return { title, base: USUAL, figures: figuresOf(names), subjects, targets };
}

/** @param {string[]} names @returns {Record<string, import('./suite/contract.mjs').Figure>} */
function figuresOf(names) {
  return Object.fromEntries(names.map((name) => [name, { unit: 'MB/s', better: 'more' }]));
}

/** @param {import('./codec-corpora.mjs').Corpus} corpus @param {number} size @returns {import('./codec-interleaved.mjs').Timed[]} */
function decoderRuns({ name: corpus, bytes, messages }, size) {
  const chunks = cut(bytes, size);
  const length = messages.reduce((sum, [event, data]) => sum + event.length + data.length, 0);
  const runs = Object.entries({ ours, ...peers }).map(([name, decode]) => {
    /** @type {import('./codec-corpora.mjs').Message[]} */
    const decoded = [];
    decode(chunks, (...message) => decoded.push(message));
    deepStrictEqual(decoded, messages, `${name} decodes ${corpus} in chunks of ${size} B to other messages`);
    const run = () => {
      let sum = 0;
      decode(chunks, (event, data) => {
        sum += event.length + data.length;
      });
      expectWork(sum === length, name);
    };
    return { name, role: /** @type {'ours' | 'peer'} */ (name === 'ours' ? 'ours' : 'peer'), run };
  });
  return [...runs, asStrings(chunks), ...(corpus.includes('JSON') ? [parsed(messages)] : [])];
}

/** @param {Buffer[]} chunks @returns {import('./codec-interleaved.mjs').Timed} */
function asStrings(chunks) {
  const name = 'Buffer.toString';
  const run = () => expectWork(chunks.reduce((length, chunk) => length + chunk.toString().length, 0) > 0, name);
  return { name, role: 'floor', run };
}

/** What a user does with the data, for comparison. @param {import('./codec-corpora.mjs').Message[]} messages @returns {import('./codec-interleaved.mjs').Timed} */
function parsed(messages) {
  const name = 'JSON.parse of the data';
  const run = () => expectWork(messages.reduce((sum, [, data]) => sum + JSON.parse(data).text.length, 0) > 0, name);
  return { name, role: 'floor', run };
}

/** @param {boolean} done @param {string} name */
function expectWork(done, name) {
  if (!done) throw new Error(`${name} has not done all of the work`);
}
