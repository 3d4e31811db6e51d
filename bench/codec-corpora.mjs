/**
 * The streams that the codec benchmark decodes, each made of whole blocks up to about the size that is asked for.
 *
 * The content differs from block to block (so that no engine can learn one string) and is the same in every run.
 */

/** @typedef {{ name: string, bytes: Buffer }} Corpus */

const WORDS = 'amber basin cedar delta ember flint grove haven inlet jetty knoll lunar mango north ocean pearl'.split(
  ' ',
);
const FOREIGN = 'größe naïve Übersicht 東京 данные café ελληνικά 日本語 señor 数据 🚀 façade'.split(' ');

/**
 * @param {number} seed
 * @param {number} length in characters
 * @param {string[]} words
 */
function prose(seed, length, words = WORDS) {
  let text = '';
  for (let at = seed; text.length < length; at = (at * 7 + 5) % 9973) text += `${words[at % words.length]} `;
  return text.slice(0, length).toWellFormed();
}

/**
 * @param {number} index
 * @param {string} data
 */
function event(index, data) {
  return `id: ${1_000_000 + index}\nevent: update\ndata: ${data}\n\n`;
}

/**
 * @param {number} index
 * @param {number} length in characters
 */
function json(index, length) {
  return JSON.stringify({ seq: index, at: 1_700_000_000_000 + index, ok: true, text: prose(index, length - 56) });
}

/** @type {Record<string, (index: number) => string>} */
const blocks = {
  '180 B events': (index) => event(index, prose(index, 142)),
  '1 KB JSON': (index) => event(index, json(index, 1000)),
  '100 KB events': (index) => event(index, prose(index, 100_000)),
  CRLF: (index) => event(index, prose(index, 142)).replaceAll('\n', '\r\n'),
  'many comments': (index) =>
    `: ping ${index}\n: ${prose(index, 20)}\n\n: keep-alive\n\n${event(index, prose(index, 60))}`,
  'non-ASCII': (index) => event(index, prose(index, 120, index % 2 ? FOREIGN : [...WORDS, ...FOREIGN])),
};

/**
 * @param {number} size of each corpus in bytes, roughly
 * @returns {Corpus[]}
 */
export function corpora(size) {
  return Object.entries(blocks).map(([name, block]) => {
    const parts = [];
    for (let index = 0, length = 0; length < size; index++) {
      const part = Buffer.from(block(index));
      parts.push(part);
      length += part.length;
    }
    return { name, bytes: Buffer.concat(parts) };
  });
}

/**
 * @param {Buffer} bytes
 * @param {number} size of each chunk in bytes
 */
export function cut(bytes, size) {
  const chunks = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(Buffer.from(bytes.subarray(at, at + size)));
  return chunks;
}
