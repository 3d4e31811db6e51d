/**
 * Times several subjects side by side.
 *
 * A round runs every subject once, in an order that turns by one each round, so that a slow moment of the machine falls on
 * all of them; the first rounds only warm up. Time is the processor's, which other processes on the machine do not take part
 * in. What counts is the median over the rounds of a subject's time *divided by the baseline's in the same round*.
 */

/** @typedef {{ name: string, run: () => void }} Subject */
/** @typedef {{ name: string, ms: number, ratio: number }} Result `ratio` is the time divided by the baseline's */

/**
 * @param {Subject[]} subjects the first one is the baseline
 * @param {{ rounds?: number, warmUp?: number }} [options]
 * @returns {Result[]}
 */
export function interleaved(subjects, { rounds = 21, warmUp = 6 } = {}) {
  /** @type {number[][]} */
  const times = subjects.map(() => []);
  for (let round = 0; round < warmUp + rounds; round++) {
    const turned = subjects.map((_, turn) => (turn + round) % subjects.length);
    for (const index of turned) {
      const ms = processorTime(subjects[index]?.run);
      if (round >= warmUp) times[index]?.push(ms);
    }
  }
  return subjects.map(({ name }, index) => {
    const ratios = times[index]?.map((ms, round) => ms / Number(times[0]?.[round]));
    return { name, ms: median(times[index]), ratio: median(ratios) };
  });
}

/** @param {(() => void) | undefined} run */
function processorTime(run) {
  const start = process.cpuUsage();
  run?.();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** @param {number[] | undefined} values */
function median(values = []) {
  return Number(values.toSorted((a, b) => a - b)[values.length >> 1]);
}
