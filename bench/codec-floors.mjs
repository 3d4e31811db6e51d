/** What is done to the same bytes by nobody who decodes them. @typedef {(chunks: Buffer[], messages: import('./codec-corpora.mjs').Message[]) => boolean} Floor */

/** @type {Record<string, Floor>} */
export const floors = {
  'Buffer.toString': (chunks) => chunks.reduce((length, chunk) => length + chunk.toString().length, 0) > 0,
  /** What a user does with the data, for comparison. */
  'JSON.parse of the data': (_chunks, messages) =>
    messages.reduce((sum, [, data]) => sum + JSON.parse(data).text.length, 0) > 0,
};

/** The floors of a corpus. @param {string} corpus */
export function floorsOf(corpus) {
  return Object.keys(floors).filter((name) => !name.startsWith('JSON') || corpus.includes('JSON'));
}
