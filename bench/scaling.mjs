/**
 * Whether the arithmetic of docs/production/scaling.md is right: `node bench/scaling.mjs`. It computes every figure that the
 * page marks with (C), prints them, and fails if the page says anything else: tables are compared row by row, and of the text
 * what stands before each (C). What they are computed from was measured: by idle.mjs, fan-out.mjs and redis-cost.mjs.
 */
import { readFileSync } from 'node:fs';
import {
  afterCrash,
  afterShutdown,
  busiestSecond,
  callsPerSecond,
  ofReceiver,
  replays,
  rollingDeploy,
} from './scaling-model.mjs';

const PAGE = readFileSync(new URL('../docs/production/scaling.md', import.meta.url), 'utf8');

/** What the benchmarks have said, for messages of 200 B. */
const MEASURED = {
  residentBytes: { fastify: 9_900, express: 16_900 },
  openingMs: 0.4,
  deliveryUs: 12,
  /** Of the main thread of Redis: what fits the table of redis-cost.mjs, as is checked below. */
  redisUs: { call: 32, run: 8, message: 4, callPerListener: 2, deliveredRun: 0.25 },
  /** µs for each message, by messages and channels of a call, and by those who listen: 0, 1, 4, 16. */
  redisTable: [
    { messages: 1, channels: 1, us: [43.5, 44.0, 52.7, 77.0] },
    { messages: 10, channels: 1, us: [8.0, 8.2, 9.9, 10.2] },
    { messages: 10, channels: 10, us: [14.9, 15.5, 16.4, 22.2] },
    { messages: 100, channels: 1, us: [4.6, 4.6, 4.8, 5.4] },
    { messages: 100, channels: 100, us: [12.2, 12.5, 13.3, 15.7] },
  ],
  /** A channel that keeps so many messages: what it takes in Redis, and what it costs to read. */
  kept: {
    1: { bytes: 4752 },
    30: { bytes: 9840, read: 7123, us: 149 },
    1000: { bytes: 273_260, read: 235_107, us: 2632 },
  },
};
const LISTENERS = [0, 1, 4, 16];
const BODY_BYTES = 200;
const NODES = 4;
const PER_NODE = 10_000;

/** In two figures. @param {number} value */
function about(value) {
  const rounded = Number(value.toPrecision(2));
  return rounded.toLocaleString('en', { maximumFractionDigits: 3 });
}

/** @param {number} bytes */
function size(bytes) {
  return bytes >= 1e9 ? `${about(bytes / 1e9)} GB` : `${about(bytes / 1e6)} MB`;
}

/**
 * Microseconds of Redis for each second.
 *
 * @param {{ calls: number, runs: number, messages: number, listeners: number }} load in a second; who listens to each message
 */
function redisUs({ calls, runs, messages, listeners }) {
  const { call, run, message, callPerListener, deliveredRun } = MEASURED.redisUs;
  return calls * (call + callPerListener * listeners) + runs * (run + deliveredRun * listeners) + messages * message;
}

/** Returning clients. @type {[string, import('./scaling-model.mjs').Delay][]} */
const RETURNS = [
  ['crash, browsers', afterCrash],
  ['crash, `SseReceiverService`', ofReceiver(afterCrash)],
  ['shutdown, `spreadMs` 5,000', afterShutdown(5000)],
  ['shutdown, `spreadMs` 30,000', afterShutdown(30_000)],
  ['shutdown, `spreadMs` 60,000', afterShutdown(60_000)],
];

const returns = RETURNS.map(([what, delay]) => {
  const most = busiestSecond(PER_NODE, delay);
  const each = most / (NODES - 1);
  return [what, about(most), about(each), about((each * MEASURED.openingMs) / 1000)];
});

/** @type {[string, number][]} */
const FOLLOWERS = [
  ['all', NODES * PER_NODE],
  ['50', 50],
  ['4', 4],
  ['1', 1],
];
const reads = FOLLOWERS.map(([who, followers]) => {
  const { single, shared } = replays({ nodes: NODES, clients: NODES * PER_NODE, followers });
  const { 30: some, 1000: full } = MEASURED.kept;
  const cost = (/** @type {{ read: number, us: number }} */ { read, us }) =>
    shared === 0 ? '0' : `${size(shared * read)}, ${about((shared * us) / 1e6)} s`;
  return [who, about(single), about(shared), size(single * full.read), cost(some), cost(full)];
});

const LOADS = [
  [4, 1000],
  [4, 10_000],
  [16, 10_000],
  [16, 50_000],
];
const loads = LOADS.map(([processes = 0, perSecond = 0]) => {
  const calls = processes * callsPerSecond({ perSecond: perSecond / processes, roundTripMs: 1 });
  const load = { calls, runs: perSecond, messages: perSecond };
  const core = (/** @type {number} */ listeners) => about(redisUs({ ...load, listeners }) / 1e6);
  return [
    String(processes),
    perSecond.toLocaleString('en'),
    about(calls),
    core(1),
    core(processes),
    (perSecond * processes).toLocaleString('en'),
    size(perSecond * processes * BODY_BYTES),
  ];
});

/** @type {['random' | 'least', string][]} */
const BALANCES = [
  ['random', 'random, or in turn'],
  ['least', 'fewest connections'],
];
const deploys = [4, 8].flatMap((nodes) =>
  BALANCES.map(([balance, name]) => {
    const { moves, fullest } = rollingDeploy({ nodes, perNode: 2000, balance });
    return [String(nodes), name, moves.toFixed(1), fullest.toFixed(1)];
  }),
);

const idLine = 'id: 8f62db149452-60123456789012\n'.length;
const chunkFraming = 'e8\r\n\r\n'.length;
const frame = BODY_BYTES + idLine + chunkFraming;
const { fastify, express } = MEASURED.residentBytes;

/** What stands before each (C) of the text, in its order. */
const phrases = [
  `${size(20_000 * fastify)} on Fastify`,
  `${size(20_000 * express)} on Express`,
  `${about((PER_NODE * 5 * MEASURED.deliveryUs) / 1e6)} of a core`,
  `${size(PER_NODE * 5 * frame)}/s`,
  `${(60_999 - 32_768 + 1).toLocaleString('en')} streams`,
  `${size(100_000 * MEASURED.kept[1].bytes)}`,
  `${size(100_000 * MEASURED.kept[30].bytes)}`,
  `${size(1000 * MEASURED.kept[1000].bytes)}`,
  `${Math.floor((32 * 1024 * 1024) / (10_000 * BODY_BYTES))} s`,
  `${Math.round((PER_NODE * MEASURED.openingMs) / (NODES - 1) / 0.1 / 1000)} s`,
];

/** Tables by the first cell of their heads. @type {Record<string, string[][]>} */
const tables = {
  'how they leave (C)': returns,
  'followers of a channel (C)': reads,
  'processes (C)': loads,
  'nodes (C)': deploys,
};

/** @type {string[]} */
const wrong = [];
for (const { messages, channels, us } of MEASURED.redisTable) {
  for (const [index, measured] of us.entries()) {
    const listeners = LISTENERS[index] ?? 0;
    const fitted = redisUs({ calls: 1, runs: channels, messages, listeners }) / messages;
    if (Math.abs(fitted / measured - 1) > 0.25) wrong.push(`the fit gives ${fitted}, measured was ${measured}`);
  }
  const row = `| ${messages} a call, ${channels} channel${channels > 1 ? 's' : ''} | ${us.map((each) => each.toFixed(1)).join(' | ')} |`;
  if (!PAGE.includes(row)) wrong.push(`the page lacks the measured row ${row}`);
}
for (const [head, rows] of Object.entries(tables)) {
  const expected = rows.map((cells) => `| ${cells.join(' | ')} |`);
  console.log(`\n${head}\n${expected.join('\n')}`);
  if (rowsOf(head).join('\n') !== expected.join('\n')) wrong.push(`the table of ${head} is another one in the page`);
}
const text = PAGE.replace(/^\|.*$/gm, '');
const quoted = text.split(' (C)').slice(0, -1);
console.log(`\n${phrases.join('\n')}`);
if (quoted.length !== phrases.length) wrong.push(`the text has ${quoted.length} (C), computed are ${phrases.length}`);
for (const [index, before] of quoted.entries()) {
  if (!before.endsWith(` ${phrases[index]}`)) wrong.push(`${before.slice(-30)} should be ${phrases[index]}`);
}
const headsInPage = [...PAGE.matchAll(/^\| ([^|]*\(C\)) \|/gm)].map(([, head]) => String(head));
for (const head of headsInPage) if (!(head in tables)) wrong.push(`nothing computes the table of ${head}`);

for (const problem of wrong) console.error(`WRONG: ${problem}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/** @param {string} head */
function rowsOf(head) {
  const lines = PAGE.split('\n');
  const from = lines.findIndex((line) => line.startsWith(`| ${head} |`)) + 2;
  const to = lines.findIndex((line, index) => index >= from && !line.startsWith('|'));
  return from < 2 ? [] : lines.slice(from, to < 0 ? undefined : to);
}
