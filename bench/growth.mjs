/**
 * How costs grow: of a delivery as streams grow, of channels as they grow, of decoding as messages do. Each size is measured in
 * every round, and a straight line is fitted where both axes are logarithmic: its slope is the exponent, which is 1 where twice
 * as much costs twice as much. `--write` draws docs/performance/*.svg.
 *
 * In the environment: ROUNDS, STREAMS, CHANNELS, MESSAGE_BYTES (how far to go), and ROUND_MS (of the streams, for each size).
 */
import { writeFileSync } from 'node:fs';
import { channelCosts, channelMemory } from './growth-channels.mjs';
import { decoding } from './growth-decoding.mjs';
import { exponentOf } from './growth-fit.mjs';
import { streams } from './growth-streams.mjs';
import { plot } from './plot.mjs';
import { isWanted, sizesOf } from './suite/plan.mjs';
import { median } from './suite/statistics.mjs';

const LINEAR = 'linear';
const EXPONENT = 'exponent';
/** How far above that of its floor an exponent may be: so much is noise. */
const MOST = 1.1;

/**
 * One thing that grows.
 *
 * @typedef {object} Growing
 * @property {string} title
 * @property {string} file of the plot, without ending
 * @property {import('./plot.mjs').Axis} x
 * @property {import('./plot.mjs').Axis} y of one stream, channel or byte, so that flat is what it should be
 * @property {string} unit of y, in short
 * @property {number[]} sizes in ascending order
 * @property {string[]} lines
 * @property {string} [floor] one of the lines, than which the others shall not grow faster; if not said, they shall be linear
 * @property {number} [fitFrom] what is smaller has costs of another kind, and is not fitted
 * @property {string} [note]
 * @property {() => Promise<Measuring>} begin once for each round
 *
 * @typedef {object} Measuring
 * @property {(size: number) => Promise<Record<string, number>>} measure what one costs, by line; without those that are left out
 * @property {() => void} end
 *
 * @typedef {{ streams: number, channels: number, messageBytes: number, roundMs: number, rounds: number }} Sizes
 * @typedef {Map<number, Record<string, number>>} Round by size
 */

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* growth(settings) {
  const sizes = /** @type {Sizes} */ (sizesOf('growth', settings));
  /** @type {Record<string, import('./suite/contract.mjs').Subject>} */
  const exponents = {};
  /** @type {import('./suite/contract.mjs').Target[]} */
  const targets = [];
  for (const part of [streams, channelCosts, channelMemory, decoding]) {
    const growing = part(sizes);
    if (!isWanted(settings, growing.title)) continue;
    /** @type {Round[]} */
    const rounds = [];
    while (rounds.length < sizes.rounds) rounds.push(await roundOf(growing));
    for (const line of growing.lines) {
      const own = rounds.map((round) => ({ [EXPONENT]: 1 + exponentOf(pointsOf(growing, line, round)) }));
      const isFloor = line === growing.floor;
      exponents[nameOf(growing, line)] = { role: isFloor ? 'floor' : 'ours', rounds: own };
      const over = growing.floor ? nameOf(growing, growing.floor) : LINEAR;
      if (!isFloor) targets.push({ figure: EXPONENT, of: nameOf(growing, line), over, most: MOST, smoke: true });
    }
    if (settings.write) draw(growing, rounds, exponents);
    yield tableOf(growing, rounds);
  }
  const linear = Array.from({ length: sizes.rounds }, () => ({ [EXPONENT]: 1 }));
  yield {
    title: 'Exponents: of what so many cost together',
    base: LINEAR,
    figures: { [EXPONENT]: { unit: 'of the size', better: 'less' } },
    subjects: { ...exponents, [LINEAR]: { role: 'floor', rounds: linear } },
    targets,
  };
}

/** @param {Growing} growing @param {string} line */
function nameOf({ title }, line) {
  return `${title}: ${line}`;
}

/** @param {Growing} growing */
async function roundOf({ sizes, begin }) {
  /** @type {Round} */
  const round = new Map();
  const measuring = await begin();
  try {
    for (const size of sizes) round.set(size, await measuring.measure(size));
  } finally {
    measuring.end();
  }
  return round;
}

/** @param {Growing} growing @param {string} line @param {Round} round @returns {[number, number][]} */
function pointsOf({ fitFrom = 0 }, line, round) {
  const points = [...round].map(([size, costs]) => /** @type {[number, number]} */ ([size, costs[line]]));
  return points.filter(([size, cost]) => size >= fitFrom && cost !== undefined);
}

/** @param {Growing} growing @param {Round[]} rounds @returns {import('./suite/contract.mjs').Table} */
function tableOf({ title, x, unit, sizes, lines, note }, rounds) {
  const named = (/** @type {number} */ size) => x.name?.(size) ?? size.toLocaleString('en');
  const subjects = sizes.map((size) => {
    const own = rounds.map((round) => round.get(size) ?? {});
    return [named(size), { role: /** @type {const} */ ('ours'), rounds: own }];
  });
  const figures = lines.map((line) => [line, { unit, better: /** @type {const} */ ('less') }]);
  const base = named(Number(sizes[0]));
  return {
    title,
    base,
    figures: Object.fromEntries(figures),
    subjects: Object.fromEntries(subjects),
    ...(note && { note }),
  };
}

/** @param {Growing} growing @param {Round[]} rounds @param {Record<string, import('./suite/contract.mjs').Subject>} exponents */
function draw(growing, rounds, exponents) {
  const { title, file, x, y, sizes, lines } = growing;
  const drawn = lines.map((line) => {
    const own = exponents[nameOf(growing, line)]?.rounds ?? [];
    const exponent = median(own.map((round) => Number(round[EXPONENT])));
    const points = sizes.map((size) => {
      const costs = rounds.map((round) => round.get(size)?.[line] ?? Number.NaN);
      return /** @type {[number, number]} */ ([size, median(costs)]);
    });
    const name = `${line} (exponent of all together: ${exponent.toFixed(2)})`;
    return { name, points: points.filter(([, cost]) => !Number.isNaN(cost)) };
  });
  writeFileSync(new URL(`../docs/performance/${file}.svg`, import.meta.url), plot({ title, x, y, lines: drawn }));
}
