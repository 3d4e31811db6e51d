/**
 * What it costs to publish in one process and deliver in another through Redis: `npm run build && node bench/redis.mjs`, with
 * `redis-server` on the PATH, which is started for it on a port and in a directory of its own.
 *
 * - ioredis: plain Pub/Sub, PUBLISH with automatic pipelining; what the ratios refer to. It keeps nothing
 * - node-redis: the same with that client
 * - backplane: `redisBackplane()` alone, as the module uses it: placed in the log, in order over all channels
 * - module: `SseChannels.publish()` to subscriptions that are iterated, one of each channel
 *
 * Each subject is two processes. Rounds are interleaved, and what counts is the median over the rounds of the ratio to
 * `ioredis` in the same round. It shows messages per second with IN_FLIGHT publishes unanswered at any time, the CPU of both
 * processes and of Redis for each message, the time from publish to delivery at a modest rate, the calls of the script for
 * ten thousand publishes at once, and deliveries to many subscribers of one process. That everything comes, and once, is
 * checked, else the run fails. Differences under 10 % are noise, and more on a machine with other work.
 *
 * In the environment: MESSAGES, BYTES, ROUNDS, IN_FLIGHT, PACED (messages of the modest rate), SUBJECTS (a list with
 * `ioredis` in it). `node --cpu-prof bench/redis.mjs` profiles all processes.
 */
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';

const BASE = 'ioredis';
const SUBJECTS = (process.env.SUBJECTS ?? `${BASE},node-redis,backplane,module`).split(',');
const MESSAGES = Number(process.env.MESSAGES ?? 20_000);
const BYTES = Number(process.env.BYTES ?? 200);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const IN_FLIGHT = Number(process.env.IN_FLIGHT ?? 2000);
const PACED = Number(process.env.PACED ?? 300);
const PER_SECOND = 200;
const SUBSCRIBERS = 300;

/** How many channels there are, and how many messages in a row go to the same one. */
const SHAPES = [
  { channels: 1, run: 1 },
  { channels: 100, run: 100 },
  { channels: 100, run: 1 },
  { channels: 1000, run: 1 },
];

/** @typedef {import('node:child_process').ChildProcess} Child */
/** @typedef {{ perSecond: number, cpuUs: number, redisUs: number, p50: number, p99: number, calls: number }} Run */

if (spawnSync('redis-server', ['--version']).status !== 0) {
  console.error('bench/redis.mjs needs Redis 7 or later: a redis-server on the PATH.');
  process.exit(1);
}
const directory = await mkdtemp(join(tmpdir(), 'redis-bench-'));
const port = await freePort();
const settings = { port, bind: '127.0.0.1', save: '', dir: directory };
const options = Object.entries(settings).flatMap(([option, value]) => [`--${option}`, String(value)]);
const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
await ready();
const admin = new Redis({ port, host: '127.0.0.1' });
/** Two processes, and what is asked of them. */
class Pair {
  /** @param {string} subject @param {number} channels @param {number} [subscribers] of each channel */
  static async start(subject, channels, subscribers = 1) {
    const ends = ['listen', 'publish'].map((role) => {
      const args = [role, subject, `redis://127.0.0.1:${port}`, channels, subscribers].map(String);
      return fork(new URL('./redis-process.mjs', import.meta.url), args);
    });
    await Promise.all(ends.map(heard));
    return new Pair(.../** @type {[Child, Child]} */ (ends));
  }

  /** @param {Child} listener @param {Child} publisher */
  constructor(listener, publisher) {
    this.listener = listener;
    this.publisher = publisher;
  }

  /** @param {object} order @param {number} count @returns {Promise<Run>} */
  async run(order, count) {
    const [redisBefore, callsBefore] = [await redisCpuUs(), await calls()];
    const begun = heard(this.listener);
    this.listener.send({ count });
    const { at: from } = await begun;
    const [published, delivered] = [heard(this.publisher), heard(this.listener)];
    this.publisher.send({ bytes: BYTES, run: 1, ...order, count });
    const { at: until, cpuUs: listenerUs, p50, p99 } = await delivered;
    const { cpuUs: publisherUs } = await published;
    const redisUs = (await redisCpuUs()) - redisBefore;
    return {
      perSecond: (count / (until - from)) * 1e6,
      cpuUs: (listenerUs + publisherUs + redisUs) / count,
      redisUs: redisUs / count,
      p50,
      p99,
      calls: (await calls()) - callsBefore,
    };
  }

  stop() {
    this.listener.disconnect();
    this.publisher.disconnect();
  }
}

/** @param {{ channels: number, run: number }} shape */
async function compare({ channels, run }) {
  await admin.flushall();
  /** @type {Map<string, Pair>} */
  const pairs = new Map();
  for (const subject of SUBJECTS) pairs.set(subject, await Pair.start(subject, channels));
  /** @type {Map<string, { flood: Run, paced: Run }>[]} */
  const rounds = [];
  for (let round = -1; round < ROUNDS; round++) {
    const results = new Map();
    for (const [subject, pair] of pairs) {
      const flood = await pair.run({ run, inFlight: IN_FLIGHT }, MESSAGES);
      results.set(subject, { flood, paced: await pair.run({ run, perSecond: PER_SECOND }, PACED) });
    }
    if (round >= 0) rounds.push(results);
  }
  for (const pair of pairs.values()) pair.stop();
  const inRow = run > 1 ? `, ${run} in a row to each` : '';
  console.log(`\n${channels} channel${channels > 1 ? 's' : ''}${inRow}, messages of ${BYTES} B, ${ROUNDS} rounds`);
  console.table(Object.fromEntries(SUBJECTS.map((subject) => [subject, row(rounds, subject)])));
}

/** @param {Map<string, { flood: Run, paced: Run }>[]} rounds @param {string} subject */
function row(rounds, subject) {
  /** @param {(result: { flood: Run, paced: Run }) => number} figure */
  const own = (figure) => median(rounds.map((round) => figure(/** @type {any} */ (round.get(subject)))));
  /** @param {(result: { flood: Run, paced: Run }) => number} figure */
  const ratios = (figure) =>
    rounds.map(
      (round) => figure(/** @type {any} */ (round.get(subject))) / figure(/** @type {any} */ (round.get(BASE))),
    );
  const speed = ratios(({ flood }) => flood.perSecond);
  return {
    'messages/s': Math.round(own(({ flood }) => flood.perSecond)),
    'speed ÷ PUBLISH': median(speed).toFixed(2),
    '(range)': `${Math.min(...speed).toFixed(2)}-${Math.max(...speed).toFixed(2)}`,
    'CPU ÷ PUBLISH': median(ratios(({ flood }) => flood.cpuUs)).toFixed(2),
    'CPU µs': own(({ flood }) => flood.cpuUs).toFixed(1),
    'of Redis': own(({ flood }) => flood.redisUs).toFixed(1),
    'p50 µs': Math.round(own(({ paced }) => paced.p50)),
    'p99 µs': Math.round(own(({ paced }) => paced.p99)),
    'paced CPU ÷ PUBLISH': median(ratios(({ paced }) => paced.cpuUs)).toFixed(2),
  };
}

/** How many calls ten thousand publishes need that are made in one turn. */
async function atOnce() {
  const count = 10_000;
  const pair = await Pair.start('backplane', 100);
  const { calls } = await pair.run({ inFlight: count }, count);
  pair.stop();
  console.log(`\n${count} publishes at once, to 100 channels: ${calls} calls of the script`);
}

/** Deliveries to subscribers of one process that follow one channel, published in another one. */
async function locally() {
  const count = 2000;
  const pair = await Pair.start('module', 1, SUBSCRIBERS);
  /** @type {Run[]} */
  const runs = [];
  for (let round = -1; round < ROUNDS; round++) {
    const run = await pair.run({ inFlight: IN_FLIGHT }, count);
    if (round >= 0) runs.push(run);
  }
  pair.stop();
  const perSecond = median(runs.map(({ perSecond }) => perSecond * SUBSCRIBERS));
  console.log(`\n${SUBSCRIBERS} iterated subscriptions of one channel: ${Math.round(perSecond)} deliveries/s`);
}

/** @param {Child} child @returns {Promise<any>} */
async function heard(child) {
  const failed = new AbortController();
  const exited = once(child, 'exit', { signal: failed.signal }).then(() => {
    throw new Error('A process of the benchmark has ended.');
  });
  exited.catch(() => {});
  try {
    return (await Promise.race([once(child, 'message', { signal: failed.signal }), exited]))[0];
  } finally {
    failed.abort();
  }
}

async function redisCpuUs() {
  const info = await admin.info('cpu');
  return [...info.matchAll(/used_cpu_(?:user|sys):([\d.]+)/g)].reduce((sum, [, value]) => sum + Number(value) * 1e6, 0);
}

async function calls() {
  const stats = await admin.info('commandstats');
  return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b).at(values.length >> 1) ?? Number.NaN;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
  probe.close();
  return port;
}

async function ready() {
  server.stdout.setEncoding('utf8');
  for (let said = ''; !said.includes('Ready to accept connections'); ) {
    said += String((await once(server.stdout, 'data'))[0]);
  }
  server.stdout.resume();
}

try {
  for (const shape of SHAPES) await compare(shape);
  await atOnce();
  await locally();
} finally {
  admin.disconnect();
  server.kill();
  await once(server, 'exit');
  await rm(directory, { recursive: true });
}
