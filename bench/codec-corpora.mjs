/**
 * The streams that the codec benchmark decodes, each made of whole blocks up to about the size that is asked for, and the
 * messages that are in them.
 *
 * The content differs from block to block (so that no engine can learn one string) and is the same in every run.
 */

/** @typedef {[event: string, data: string, id: string | undefined]} Message */
/** @typedef {{ name: string, bytes: Buffer, messages: Message[] }} Corpus */

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

/** @param {Message} message */
function block([event, data, id]) {
  return `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`;
}

/** @param {number} index */
function comments(index) {
  return `: ping ${index}\n: ${prose(index, 20)}\n\n: keep-alive\n\n`;
}

/**
 * @param {number} index
 * @param {number} length in characters
 */
function json(index, length) {
  return JSON.stringify({ seq: index, at: 1_700_000_000_000 + index, ok: true, text: prose(index, length - 56) });
}

/** @type {Record<string, { data: (index: number) => string, text?: (message: Message, index: number) => string }>} */
const kinds = {
  '180 B events': { data: (index) => prose(index, 142) },
  '1 KB JSON': { data: (index) => json(index, 1000) },
  '100 KB events': { data: (index) => prose(index, 100_000) },
  CRLF: { data: (index) => prose(index, 142), text: (message) => block(message).replaceAll('\n', '\r\n') },
  'many comments': {
    data: (index) => prose(index, 60),
    text: (message, index) => comments(index) + block(message),
  },
  'non-ASCII': { data: (index) => prose(index, 120, index % 2 ? FOREIGN : [...WORDS, ...FOREIGN]) },
};

/**
 * @param {number} size of each corpus in bytes, roughly
 * @returns {Corpus[]}
 */
export function corpora(size) {
  return Object.entries(kinds).map(([name, { data, text = block }]) => {
    const parts = [];
    /** @type {Message[]} */
    const messages = [];
    for (let index = 0, length = 0; length < size; index++) {
      /** @type {Message} */
      const message = ['update', data(index), String(1_000_000 + index)];
      const part = Buffer.from(text(message, index));
      messages.push(message);
      parts.push(part);
      length += part.length;
    }
    return { name, bytes: Buffer.concat(parts), messages };
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
