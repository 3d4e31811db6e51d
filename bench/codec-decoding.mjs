import { decoders, USUAL } from './codec-decoders.mjs';
import { floorsOf } from './codec-floors.mjs';
import { Child } from './suite/child.mjs';
import { isWanted } from './suite/plan.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

const PROGRAM = new URL('./codec-decoding-process.mjs', import.meta.url);

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
 * @returns {AsyncGenerator<import('./suite/contract.mjs').Table>}
 */
export async function* decodingTables(settings, sizes) {
  for (const corpus of Object.keys(LEAST)) {
    const title = `Decoding ${corpus}`;
    if (isWanted(settings, title))
      yield await decodingTable(title, corpus, settings.quick ? QUICK_CHUNKS : CHUNKS, sizes);
  }
}

/**
 * @param {string} title
 * @param {string} corpus
 * @param {Record<string, number>} chunkSizes
 * @param {{ rounds: number, warmUp: number, corpusBytes: number }} sizes
 * @returns {Promise<import('./suite/contract.mjs').Table>}
 */
async function decodingTable(title, corpus, chunkSizes, { corpusBytes, ...rounds }) {
  const names = Object.keys(chunkSizes);
  const floors = floorsOf(corpus);
  const children = new Map(
    [...Object.keys(decoders), ...floors].map((name) => [name, new Child(PROGRAM, [name, corpus, corpusBytes])]),
  );
  const roles = Object.fromEntries([...children.keys()].map((name) => [name, roleOf(name, floors)]));
  try {
    const subjects = await interleavedRounds(roles, rounds, async (name) => children.get(name)?.ask(chunkSizes));
    return { title, base: USUAL, figures: figuresOf(names), subjects, targets: targetsOf(corpus, names) };
  } finally {
    for (const child of children.values()) child.stop();
  }
}

/** @param {string} name @param {string[]} floors @returns {'ours' | 'peer' | 'floor'} */
function roleOf(name, floors) {
  if (name === 'ours') return 'ours';
  return floors.includes(name) ? 'floor' : 'peer';
}

/** @param {string} corpus @param {string[]} names of chunk sizes @returns {import('./suite/contract.mjs').Target[]} */
function targetsOf(corpus, names) {
  return names.flatMap((size) => {
    const least = LEAST[corpus]?.[Object.keys(CHUNKS).indexOf(size)];
    return [
      { figure: size, of: 'ours', over: USUAL, least, smoke: size === STEADY },
      { figure: size, of: 'ours', over: FAIR, least: 1 },
    ];
  });
}

/** @param {string[]} names @returns {Record<string, import('./suite/contract.mjs').Figure>} */
function figuresOf(names) {
  return Object.fromEntries(names.map((name) => [name, { unit: 'MB/s', better: 'more' }]));
}
