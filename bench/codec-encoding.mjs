import { encoders, FLOOR } from './codec-encoders.mjs';
import { Child } from './suite/child.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

const PROGRAM = new URL('./codec-encoding-process.mjs', import.meta.url);
const SIZES = { '110 B': 110, '1 KB': 1000, '10 KB': 10_000 };
/** The cost beside bare JSON.stringify. @type {Record<string, number>} */
const MOST = { '110 B': 1.8, '1 KB': 1.3, '10 KB': 1.15 };

/**
 * Nanoseconds for a message, from the object to the bytes.
 *
 * @param {string} title
 * @param {{ rounds: number, warmUp: number, encodedBytes: number }} sizes
 * @returns {Promise<import('./suite/contract.mjs').Table>}
 */
export async function encodingTable(title, { encodedBytes, ...rounds }) {
  const children = new Map(Object.keys(encoders).map((name) => [name, new Child(PROGRAM, [name, encodedBytes])]));
  const roles = Object.fromEntries(Object.entries(encoders).map(([name, { role }]) => [name, role]));
  try {
    return {
      title,
      base: FLOOR,
      figures: Object.fromEntries(Object.keys(SIZES).map((name) => [name, { unit: 'ns', better: 'less' }])),
      subjects: await interleavedRounds(roles, rounds, async (name) => children.get(name)?.ask(SIZES)),
      targets: Object.entries(MOST).map(([figure, most]) => ({ figure, of: 'ours', over: FLOOR, most, smoke: true })),
    };
  } finally {
    for (const child of children.values()) child.stop();
  }
}
