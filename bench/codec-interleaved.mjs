/** @typedef {{ name: string, role: 'ours' | 'peer' | 'floor', run: () => void }} Timed */

/**
 * Times several subjects side by side, for one figure of a table.
 *
 * A round runs every subject once, in an order that turns by one each round, so that a slow moment of the machine falls on
 * all of them; the first rounds only warm up. Time is the processor's, which other processes on the machine do not take part
 * in.
 *
 * @param {Record<string, import('./suite/contract.mjs').Subject>} into the subjects of the table, which get the figure
 * @param {string} figure
 * @param {Timed[]} subjects
 * @param {(ms: number) => number} figureOf the figure
 * @param {{ rounds: number, warmUp: number }} options
 */
export function interleave(into, figure, subjects, figureOf, { rounds, warmUp }) {
  for (let round = 0; round < warmUp + rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const { name, role, run } = /** @type {Timed} */ (subjects[(turn + round) % subjects.length]);
      const ms = processorTime(run);
      if (round < warmUp) continue;
      into[name] ??= { role, rounds: Array.from({ length: rounds }, () => ({})) };
      Object.assign(into[name].rounds[round - warmUp] ?? {}, { [figure]: figureOf(ms) });
    }
  }
}

/** @param {() => void} run */
function processorTime(run) {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
