/** The small simulations behind docs/production/scaling.md; scaling.mjs runs them. Random is seeded: they always say the same. */

const RETRY_MS = 2000;
const RECEIVER_BASE_MS = 1000;

/** From 0 up to 1: mulberry32. @param {number} seed */
export function seeded(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** @typedef {(random: () => number) => number} Delay milliseconds until a client is back */

/** After a connection broke: what the stream had asked for when it opened. @type {Delay} */
export const afterCrash = (random) => Math.floor(RETRY_MS * (1 + random() / 2));

/** After an orderly end: what its last frame has asked for. @param {number} spreadMs @returns {Delay} */
export const afterShutdown = (spreadMs) => (random) => Math.floor(RETRY_MS + random() * spreadMs);

/** The receiver adds a jitter of its own to what it is asked for. @param {Delay} asked @returns {Delay} */
export const ofReceiver = (asked) => (random) => asked(random) + random() * RECEIVER_BASE_MS;

/** How many clients come back within the busiest second. @param {number} clients @param {Delay} delay */
export function busiestSecond(clients, delay) {
  const random = seeded(1);
  const times = Array.from({ length: clients }, () => delay(random)).sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, next = 0; first < times.length; first++) {
    while (next < times.length && Number(times[next]) < Number(times[first]) + 1000) next++;
    most = Math.max(most, next - first);
  }
  return most;
}

/**
 * One of so many nodes is lost, and its clients go to any of the others. Each follows one channel.
 *
 * @param {{ nodes: number, clients: number, followers: number }} fleet `followers` of each channel
 * @returns reads of a channel, if each client that comes back did one, and as it is: one for each channel and node, and none
 *   where somebody on that node follows the channel already
 */
export function replays({ nodes, clients, followers }) {
  const random = seeded(2);
  const channels = Math.round(clients / followers);
  const pick = (/** @type {number} */ count) => Math.floor(random() * count);
  /** @type {Set<number>[]} channels that are open, by node */
  const open = Array.from({ length: nodes }, () => new Set());
  /** @type {number[]} */
  const lost = [];
  for (let client = 0; client < clients; client++) {
    const channel = client % channels;
    const node = pick(nodes);
    if (node === 0) lost.push(channel);
    else open[node]?.add(channel);
  }
  let shared = 0;
  for (const channel of lost) {
    const node = /** @type {Set<number>} */ (open[1 + pick(nodes - 1)]);
    if (!node.has(channel)) shared++;
    node.add(channel);
  }
  return { single: lost.length, shared };
}

/**
 * How often a process calls the script: one call is under way at a time, and what is published meanwhile goes with the next.
 *
 * @param {{ perSecond: number, roundTripMs: number }} load of one process, published at any moment
 */
export function callsPerSecond({ perSecond, roundTripMs }) {
  const random = seeded(3);
  const seconds = 100;
  const wait = () => (-Math.log(1 - random()) / perSecond) * 1000;
  let calls = 0;
  let free = 0;
  let next = wait();
  while (next < seconds * 1000) {
    const begun = Math.max(next, free);
    while (next <= begun) next += wait();
    free = begun + roundTripMs;
    calls++;
  }
  return calls / seconds;
}

/**
 * Nodes are restarted one after the other, each of them empty when it is back, and its clients go to others meanwhile.
 *
 * @param {{ nodes: number, perNode: number, balance: 'random' | 'least' }} fleet
 * @returns reconnects of a client, and how full the fullest node is in the end, beside a fair share
 */
export function rollingDeploy({ nodes, perNode, balance }) {
  const random = seeded(4);
  const loads = Array.from({ length: nodes }, () => perNode);
  let moves = 0;
  for (let restarted = 0; restarted < nodes; restarted++) {
    const leaving = Number(loads[restarted]);
    loads[restarted] = Number.POSITIVE_INFINITY;
    for (let client = 0; client < leaving; client++) {
      const others = nodes - 1;
      const any = Math.floor(random() * others);
      const node = balance === 'random' ? any + (any >= restarted ? 1 : 0) : loads.indexOf(Math.min(...loads));
      loads[node] = Number(loads[node]) + 1;
    }
    loads[restarted] = 0;
    moves += leaving;
  }
  return { moves: moves / nodes / perNode, fullest: Math.max(...loads) / perNode };
}
