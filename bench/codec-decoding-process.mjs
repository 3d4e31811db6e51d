/**
 * One subject of the decoding tables, in a process of its own: what others have had compiled, or leave to the collector, is
 * not its business. Asked with chunk sizes by name, it answers with the MB/s of each.
 */
import { deepStrictEqual } from 'node:assert';
import { corpora, cut } from './codec-corpora.mjs';
import { decoders } from './codec-decoders.mjs';
import { floors } from './codec-floors.mjs';
import { processorTime } from './suite/processor-time.mjs';

const [subject = '', corpus = '', corpusBytes] = process.argv.slice(2);
const { bytes, messages } = /** @type {import('./codec-corpora.mjs').Corpus} */ (
  corpora(Number(corpusBytes)).find(({ name }) => name === corpus)
);
const length = messages.reduce((sum, [event, data]) => sum + event.length + data.length, 0);

/** @type {Map<number, () => void>} */
const works = new Map();

/** @param {number} size of the chunks in bytes @returns {() => void} */
function workOf(size) {
  const chunks = cut(bytes, size);
  const decode = decoders[subject];
  if (!decode) return () => expectWork(floors[subject]?.(chunks, messages));
  /** @type {import('./codec-corpora.mjs').Message[]} */
  const decoded = [];
  decode(chunks, (...message) => decoded.push(message));
  deepStrictEqual(decoded, messages, `${subject} decodes ${corpus} in chunks of ${size} B to other messages`);
  return () => {
    let sum = 0;
    decode(chunks, (event, data) => {
      sum += event.length + data.length;
    });
    expectWork(sum === length);
  };
}

/** @param {boolean | undefined} done */
function expectWork(done) {
  if (!done) throw new Error(`${subject} has not done all of the work`);
}

process.on('message', (/** @type {Record<string, number>} */ sizes) => {
  const figures = Object.entries(sizes).map(([name, size]) => {
    const work = works.get(size) ?? workOf(size);
    works.set(size, work);
    return [name, bytes.length / processorTime(work) / 1000];
  });
  process.send?.(Object.fromEntries(figures));
});
process.on('disconnect', () => process.exit());
