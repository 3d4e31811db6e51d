/**
 * What publishing costs the Redis server: `npm run build && node bench/redis-cost.mjs`, with `redis-server` on the PATH, which
 * is started for it on a port and in a directory of its own. It shows
 *
 * - CPU of the server's main thread, in microseconds for each message of BYTES bytes that the script of the backplane places,
 *   by how many a call has, by the channels that they belong to, and by how many connections listen to those
 * - what it costs to read a channel, which is what a process does that begins to follow it, what that brings, and what the
 *   channel takes of the server's memory, by the messages that it keeps
 *
 * CPU is what the server counts itself, so that other work on the machine disturbs little. BYTES and MESSAGES can be set in
 * the environment.
 */
import { Redis } from 'ioredis';
import { Batch } from '../dist/redis/batch.js';
import { NewestPositions } from '../dist/redis/newest-positions.js';
import { RedisKeys } from '../dist/redis/redis-keys.js';
import { PUBLISH } from '../dist/redis/scripts/publish.js';
import { READ } from '../dist/redis/scripts/read.js';
import { RedisServer } from './redis-server.mjs';

const BYTES = Number(process.env.BYTES ?? 200);
const MESSAGES = Number(process.env.MESSAGES ?? 20_000);
const KEPT = 1000;
const AGE_MS = 300_000;
const PUBLISHERS = 4;
const READS = 200;

/** Messages that a channel keeps. */
const LENGTHS = [1, 30, 1000];

const keys = new RedisKeys('bench');

/** Messages of a call, and the channels that they belong to in turn. */
const BATCHES = [
  [1, 1],
  [10, 1],
  [10, 10],
  [100, 1],
  [100, 100],
];
const LISTENERS = [0, 1, 4, 16];

const server = await RedisServer.start();
try {
  const connections = Array.from({ length: PUBLISHERS }, () => new Redis(server.url));
  await publishing(connections);
  await keeping(/** @type {Redis} */ (connections[0]));
  for (const connection of connections) connection.disconnect();
} finally {
  await server.stop();
}

/** @param {Redis[]} connections */
async function publishing(connections) {
  const [admin] = /** @type {[Redis]} */ (connections);
  /** @type {Record<string, object>} */
  const rows = {};
  for (const [messages, channels] of /** @type {[number, number][]} */ (BATCHES)) {
    /** @type {Record<string, string>} */
    const row = {};
    for (const listeners of LISTENERS) {
      await admin.flushall();
      const listening = await listen(listeners, channels);
      await publish(connections, MESSAGES / 10, messages, channels);
      const before = await cpuUs(admin);
      await publish(connections, MESSAGES, messages, channels);
      const each = ((await cpuUs(admin)) - before) / MESSAGES;
      row[`${listeners} listen`] = each.toFixed(1);
      for (const listener of listening) listener.disconnect();
    }
    rows[`${messages} a call, ${channels} channel${channels > 1 ? 's' : ''}`] = row;
  }
  console.log(`µs of CPU for each message of ${BYTES} B`);
  console.table(rows);
}

/** @param {Redis} admin */
async function keeping(admin) {
  /** @type {Record<string, object>} */
  const rows = {};
  for (const length of LENGTHS) {
    await admin.flushall();
    for (let n = 0; n < length; n++) await publish([admin], 1, 1, 1);
    const memory = await admin.memory('USAGE', channel(0), 'SAMPLES', 0);
    const [cpuBefore, sentBefore] = [await cpuUs(admin), await sentBytes(admin)];
    for (let n = 0; n < READS; n++) await read(admin, length);
    const [cpu, sent] = [(await cpuUs(admin)) - cpuBefore, (await sentBytes(admin)) - sentBefore];
    rows[length] = { 'memory B': memory, 'a read, B': Math.round(sent / READS), 'a read, µs': Math.round(cpu / READS) };
  }
  console.log(`a channel, by the messages of ${BYTES} B that it keeps`);
  console.table(rows);
  await publish([admin], 10 * KEPT, 100, 1);
  console.log(`kept beyond ${KEPT}, for trimming is approximate: ${(await admin.xlen(channel(0))) - KEPT} messages`);
}

/** @param {Redis} connection @param {number} length */
async function read(connection, length) {
  const bounds = [String(KEPT), String(1024 * 1024), String(AGE_MS)];
  const args = ['bench', keys.control, '0', keys.inbox('bench'), 'read', '', ...bounds];
  const answer = await READ.run(linkOf(connection), [keys.state, keys.marks, channel(0)], args);
  const [, , , [, , , ...kept]] = /** @type {any} */ (answer);
  expect(kept.length, 3 * length);
}

/** @param {number} index */
function channel(index) {
  return keys.channel(`room:${index}`);
}

/** @param {Redis[]} connections @param {number} count @param {number} messages in a call @param {number} channels */
async function publish(connections, count, messages, channels) {
  const before = Number((await connections[0]?.hget(keys.state, 'seq')) ?? 0);
  const entry = `\ndata: ${'x'.repeat(BYTES - '\ndata: \n\n'.length)}\n\n`;
  const limits = { events: KEPT, ageMs: AGE_MS };
  const placements = Array.from({ length: messages }, (_, index) => {
    const name = `room:${Math.floor((index * channels) / messages)}`;
    return { channel: name, entry, bytes: BYTES, limits, tombstoneMs: undefined };
  });
  const calls = count / messages / connections.length;
  await Promise.all(
    connections.map(async (connection, n) => {
      const link = linkOf(connection);
      const newest = new NewestPositions();
      for (let number = 1; number <= calls; number++) {
        const batch = new Batch(number, placements);
        const args = batch.args({ control: keys.control, head: 0, first: number, newest });
        const answer = await PUBLISH.run(link, batch.keys(keys, `${before}:${n}`), args);
        batch.read(/** @type {string} */ (answer), (index, outcome) => {
          newest.set(placements[index]?.channel ?? '', Number(outcome));
        });
      }
    }),
  );
  const after = Number(await connections[0]?.hget(keys.state, 'seq'));
  if (before > 0) expect(after - before, count);
}

/** @param {number} count @param {number} channels */
async function listen(count, channels) {
  const names = Array.from({ length: channels }, (_, index) => channel(index));
  const listening = Array.from({ length: count }, () => new Redis(server.url));
  await Promise.all(listening.map((listener) => listener.subscribe(...names)));
  return listening;
}

/** @param {Redis} connection @returns {import('../dist/redis/redis-link.js').RedisLink} */
function linkOf(connection) {
  const send = (/** @type {readonly string[]} */ [name = '', ...rest]) => connection.call(name, ...rest);
  return /** @type {any} */ ({ send });
}

/** @param {Redis} admin */
async function cpuUs(admin) {
  const info = await admin.info('cpu');
  const seconds = [...info.matchAll(/used_cpu_(?:user|sys)_main_thread:([\d.]+)/g)].map(([, value]) => Number(value));
  expect(seconds.length, 2);
  return seconds.reduce((sum, value) => sum + value, 0) * 1e6;
}

/** @param {Redis} admin */
async function sentBytes(admin) {
  return Number(/total_net_output_bytes:(\d+)/.exec(await admin.info('stats'))?.[1]);
}

/** @param {unknown} actual @param {unknown} expected */
function expect(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}
