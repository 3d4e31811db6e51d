import { Child } from './suite/child.mjs';

const PROGRAM = new URL('./growth-decoding-process.mjs', import.meta.url);
const SIZES = [100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/** In chunks of so many bytes, and messages of no more than so many: cut into pieces of 64 B, 100 MB are a million buffers. */
const CHUNKS = [
  { line: 'chunks of 64 B', chunkBytes: 64, most: 10_000_000 },
  { line: 'chunks of 1,460 B', chunkBytes: 1460, most: 100_000_000 },
  { line: 'chunks of 64 KB', chunkBytes: 65_536, most: 100_000_000 },
];

/** The messages themselves become strings, and nothing is looked for in them. */
const FLOOR = 'Buffer.toString() of each message';

/** In smaller ones, what a message costs by itself outweighs its bytes. */
const FIT_FROM = 1000;

/** @param {number} bytes */
function sizeName(bytes) {
  if (bytes >= 1e6) return `${bytes / 1e6} MB`;
  return bytes >= 1000 ? `${bytes / 1000} KB` : `${bytes} B`;
}

/** @param {import('./growth.mjs').Sizes} sizes @returns {import('./growth.mjs').Growing} */
export function decoding({ messageBytes }) {
  return {
    title: 'Decoding, as messages grow',
    file: 'decoding',
    x: { label: 'size of each message', name: sizeName },
    y: { label: 'ns of CPU per byte' },
    unit: 'ns/B',
    sizes: SIZES.filter((size) => size <= messageBytes),
    lines: [...CHUNKS.map(({ line }) => line), FLOOR],
    // What fits into no cache takes longer to read and to write, whoever does it.
    floor: FLOOR,
    fitFrom: FIT_FROM,
    async begin() {
      const child = new Child(PROGRAM, ['decoding'], { execArgv: [...process.execArgv, '--expose-gc'] });
      const decode = (/** @type {number} */ size, /** @type {number} */ chunkBytes) => {
        return child.ask({ ask: 'decode', of: { size, chunkBytes } });
      };
      // Else the smallest would pay for compiling.
      for (const { chunkBytes } of CHUNKS) await decode(1000, chunkBytes);
      const floor = (/** @type {number} */ size) => child.ask({ ask: 'floor', of: { size } });
      await floor(1000);
      return {
        async measure(size) {
          /** @type {Record<string, number>} */
          const costs = { [FLOOR]: await floor(size) };
          for (const { line, chunkBytes, most } of CHUNKS) {
            if (size <= most) costs[line] = await decode(size, chunkBytes);
          }
          return costs;
        },
        end: () => child.stop(),
      };
    },
  };
}
