/**
 * What it costs to publish in one process and deliver in another through Redis; a `redis-server` on the PATH is started for it.
 *
 * - PUBLISH, ioredis: plain Pub/Sub with automatic pipelining; what the ratios refer to. It keeps nothing
 * - PUBLISH, node-redis: the same with that client
 * - ours, backplane: `redisBackplane()` alone, as the module uses it: placed in the log, in order over all channels
 * - ours, module: `SseChannels.publish()` to subscriptions that are iterated, one of each channel
 *
 * Each subject is two processes. It shows messages per second with so many publishes unanswered at any time, the CPU of both
 * processes and of Redis for each message, and the time from publish to delivery at a modest rate. That everything comes, and
 * once, is checked, else the run fails.
 *
 * In the environment: ROUNDS, WARM_UP, MESSAGES, IN_FLIGHT, PACED (messages of the modest rate), BYTES.
 */
import { Redis } from 'ioredis';
import { RedisPair } from './redis-pair.mjs';
import { RedisServer } from './redis-server.mjs';
import { isWanted, sizesOf } from './suite/plan.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

const BASE = 'PUBLISH, ioredis';
const BACKPLANE = 'ours, backplane';
const MODULE = 'ours, module';
const BYTES = Number(process.env.BYTES ?? 200);
const PER_SECOND = 200;
const SUBSCRIBERS = 300;

/** @type {Record<string, 'ours' | 'peer' | 'floor'>} */
const SUBJECTS = { [BACKPLANE]: 'ours', [MODULE]: 'ours', [BASE]: 'peer', 'PUBLISH, node-redis': 'peer' };
const QUICK = [BACKPLANE, BASE];

/** How many channels there are, how many messages in a row go to the same one, and the throughput beside PUBLISH. */
const SHAPES = [
  { channels: 1, run: 1, least: 1 },
  { channels: 100, run: 100, least: 1 },
  { channels: 100, run: 1, least: 0.5 },
  { channels: 1000, run: 1, least: 0.5 },
];

const SPEED = 'speed';
const P50 = 'p50';
/** @type {Record<string, import('./suite/contract.mjs').Figure>} */
const FIGURES = {
  [SPEED]: { unit: 'messages/s', better: 'more' },
  'CPU per message': { unit: 'µs', better: 'less' },
  'of Redis': { unit: 'µs', better: 'less' },
  [P50]: { unit: 'µs', better: 'less' },
  p99: { unit: 'µs', better: 'less' },
};
/** The time to deliver with a thousand channels beside that with one: flat, but for noise. */
const FLAT = 1.25;

/** @typedef {import('./suite/contract.mjs').Table} Table */
/** @typedef {{ rounds: number, warmUp: number, messages: number, inFlight: number, paced: number }} Sizes */

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* redis(settings) {
  const sizes = /** @type {Sizes} */ (sizesOf('redis', settings));
  const names = Object.keys(SUBJECTS).filter((name) => !settings.quick || QUICK.includes(name));
  const shapes = settings.quick ? SHAPES.slice(0, 2) : SHAPES;
  const server = await RedisServer.start();
  const admin = new Redis(server.url);
  try {
    /** @type {Map<number, import('./suite/contract.mjs').Subject>} */
    const byChannels = new Map();
    for (const shape of shapes) {
      const title = titleOf(shape);
      if (!isWanted(settings, title)) continue;
      await admin.flushall();
      const table = await compare(title, shape, names, sizes, server.url, admin);
      const own = table.subjects[BACKPLANE];
      if (own && shape.run === 1) byChannels.set(shape.channels, own);
      yield table;
    }
    if (byChannels.size > 1) yield latencies(byChannels);
    if (!settings.quick && isWanted(settings, LOCAL)) yield await locally(sizes, server.url, admin);
  } finally {
    admin.disconnect();
    await server.stop();
  }
}

/** @param {{ channels: number, run: number }} shape */
function titleOf({ channels, run }) {
  const inRow = run > 1 ? `, ${run} messages in a row to each` : '';
  return `${channels.toLocaleString('en')} channel${channels > 1 ? 's' : ''}${inRow}`;
}

/**
 * @param {string} title
 * @param {{ channels: number, run: number, least: number }} shape
 * @param {string[]} names
 * @param {Sizes} sizes
 * @param {string} url
 * @param {Redis} admin
 * @returns {Promise<Table>}
 */
async function compare(title, { channels, run, least }, names, { messages, inFlight, paced, ...counts }, url, admin) {
  /** @type {Map<string, RedisPair>} */
  const pairs = new Map();
  try {
    for (const name of names) pairs.set(name, await RedisPair.start(url, admin, name, { channels }));
    const roles = Object.fromEntries(names.map((name) => [name, SUBJECTS[name] ?? 'peer']));
    const subjects = await interleavedRounds(roles, counts, async (name) => {
      const pair = /** @type {RedisPair} */ (pairs.get(name));
      const flood = await pair.run({ run, inFlight, bytes: BYTES }, messages);
      const { p50, p99 } = await pair.run({ run, perSecond: PER_SECOND, bytes: BYTES }, paced);
      const { perSecond, cpuUs, redisUs } = flood;
      return { [SPEED]: perSecond, 'CPU per message': cpuUs, 'of Redis': redisUs, [P50]: p50, p99 };
    });
    const targets = [{ figure: SPEED, of: BACKPLANE, over: BASE, least, smoke: true }];
    return { title, base: BASE, figures: FIGURES, subjects, targets };
  } finally {
    for (const pair of pairs.values()) pair.stop();
  }
}

/** @param {Map<number, import('./suite/contract.mjs').Subject>} byChannels @returns {Table} */
function latencies(byChannels) {
  const name = (/** @type {number} */ channels) => `ours, ${titleOf({ channels, run: 1 })}`;
  const [fewest = 1, most = 1] = [Math.min(...byChannels.keys()), Math.max(...byChannels.keys())];
  const subjects = Object.fromEntries([...byChannels].map(([channels, subject]) => [name(channels), subject]));
  return {
    title: 'From publish to delivery at 200 messages/s, by channels',
    base: name(fewest),
    figures: { [P50]: { unit: 'µs', better: 'less' } },
    subjects,
    targets: [{ figure: P50, of: name(most), over: name(fewest), most: FLAT }],
  };
}

const LOCAL = `${SUBSCRIBERS} subscriptions of one process to one channel`;

/** Deliveries to many subscribers of one process, of what was published in another one. @param {Sizes} sizes @param {string} url @param {Redis} admin @returns {Promise<Table>} */
async function locally({ messages, inFlight, ...counts }, url, admin) {
  const pair = await RedisPair.start(url, admin, MODULE, { channels: 1, subscribers: SUBSCRIBERS });
  try {
    const subjects = await interleavedRounds({ [MODULE]: 'ours' }, counts, async () => {
      const { perSecond } = await pair.run({ inFlight, bytes: BYTES }, Math.ceil(messages / 10));
      return { [SPEED]: perSecond * SUBSCRIBERS };
    });
    return { title: LOCAL, base: MODULE, figures: { [SPEED]: { unit: 'deliveries/s', better: 'more' } }, subjects };
  } finally {
    pair.stop();
  }
}
