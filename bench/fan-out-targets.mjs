/** The targets of fan-out.mjs. */

export const CPU = 'CPU per delivery';
export const STALL = 'longest stall';
export const BARE = 'bare';
export const FLOOR = 'C floor';

/** CPU beside bare, at most, by bytes, streams and burst. @type {Record<number, Record<number, Record<number, number>>>} */
const BESIDE_BARE = {
  100: { 1000: { 1: 0.75, 10: 0.45, 100: 0.08 }, 10000: { 1: 0.7, 10: 0.4 } },
  1024: { 1000: { 1: 0.8, 10: 0.48 }, 10000: { 1: 0.8 } },
};

/** How much more the peers take at least: at bursts of 1, and of more. */
const BESIDE_PEERS = { 'better-sse': [1.5, 5], 'Nest, Express': [2.3, 20], 'Nest, Fastify': [2.3, 20] };

/** How much more than the floor is allowed: at bursts of 1, and of more. */
const BESIDE_FLOOR = [1.5, 2];
const STALL_BESIDE_BARE = 0.1;
const MANY = 10_000;

/**
 * @param {import('./fan-out-shapes.mjs').Shape} shape
 * @param {string[]} subjects that take part
 * @returns {import('./suite/contract.mjs').Target[]}
 */
export function targetsOf({ streams, burst, bytes }, subjects) {
  const kind = burst === 1 ? 0 : 1;
  const most = BESIDE_BARE[bytes]?.[streams]?.[burst];
  /** @type {import('./suite/contract.mjs').Target[]} */
  const targets = [
    ...(most === undefined ? [] : [{ figure: CPU, of: 'ours', over: BARE, most }]),
    { figure: CPU, of: 'ours', over: FLOOR, most: BESIDE_FLOOR[kind] },
    ...Object.entries(BESIDE_PEERS).map(([of, least]) => {
      return { figure: CPU, of, over: 'ours', least: least[kind], smoke: true };
    }),
    ...(streams < MANY ? [] : [{ figure: STALL, of: 'ours', over: BARE, most: STALL_BESIDE_BARE }]),
  ];
  return targets.filter(({ of, over }) => subjects.includes(of) && subjects.includes(over));
}
