/**
 * How fast one stream is pushed to, encoding included and backpressure respected. Each subject is a server in a process of its
 * own; this process reads from a raw socket and looks at nothing but the end, after it has once looked at every message.
 *
 * - ours: `await pusher.push()` for each message; returned: a generator that the handler returns
 * - better-sse: `session.push()`, and batched: a hundred messages by hand in each of its buffers
 * - Nest: an Observable from `@Sse()`
 * - ready blocks: `response.write()` of 64 KiB at a time that were encoded beforehand
 *
 * In the environment: ROUNDS, WARM_UP, MESSAGES.
 */
import { deepStrictEqual } from 'node:assert';
import { get } from 'node:http';
import { connect } from 'node:net';
import { readMessages } from '../dist/protocol/index.js';
import { message } from './push-messages.mjs';
import { Child } from './suite/child.mjs';
import { isWanted, sizesOf } from './suite/plan.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

const PROGRAM = new URL('./push-server.mjs', import.meta.url);
const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const BASE = 'better-sse';

/** @type {Record<string, 'ours' | 'peer' | 'floor'>} */
const SUBJECTS = {
  ours: 'ours',
  'ours, returned': 'ours',
  [BASE]: 'peer',
  'better-sse batched': 'peer',
  'Nest, Express': 'peer',
  'Nest, Fastify': 'peer',
  'ready blocks': 'floor',
};
const QUICK = ['ours', BASE, 'Nest, Express'];

/** How many times as fast as the peer, by bytes of a message. @type {Record<number, Record<string, number>>} */
const LEAST = {
  110: { [BASE]: 3, 'Nest, Express': 10, 'Nest, Fastify': 10 },
  1024: { [BASE]: 2, 'Nest, Express': 3.5, 'Nest, Fastify': 3.5 },
};

/** @type {Record<string, import('./suite/contract.mjs').Figure>} */
const FIGURES = {
  speed: { unit: 'messages/s', better: 'more' },
  'CPU per message': { unit: 'µs', better: 'less' },
};

/** @typedef {{ child: Child, port: number }} Server */

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* push(settings) {
  const sizes = /** @type {{ rounds: number, warmUp: number, messages: number }} */ (sizesOf('push', settings));
  for (const bytes of [110, 1024]) {
    const title = `Messages of ${bytes.toLocaleString('en')} B to one stream`;
    if (isWanted(settings, title)) yield await compare(title, bytes, sizes, settings.quick);
  }
}

/**
 * @param {string} title
 * @param {number} bytes
 * @param {{ rounds: number, warmUp: number, messages: number }} sizes
 * @param {boolean} quick
 * @returns {Promise<import('./suite/contract.mjs').Table>}
 */
async function compare(title, bytes, { messages, ...counts }, quick) {
  const roles = Object.fromEntries(Object.entries(SUBJECTS).filter(([name]) => !quick || QUICK.includes(name)));
  /** @type {Map<string, Server>} */
  const servers = new Map();
  try {
    for (const name of Object.keys(roles)) {
      const child = new Child(PROGRAM, [name, messages, bytes]);
      servers.set(name, { child, port: await child.heard() });
    }
    const subjects = await interleavedRounds(roles, counts, async (name, isFirst) => {
      const server = /** @type {Server} */ (servers.get(name));
      if (isFirst) await verify(name, server.port, messages, bytes);
      return run(server, messages);
    });
    const targets = Object.entries(LEAST[bytes] ?? {}).flatMap(([over, least]) =>
      over in roles ? [{ figure: 'speed', of: 'ours', over, least, smoke: true }] : [],
    );
    return { title, base: BASE, figures: FIGURES, subjects, targets };
  } finally {
    for (const { child } of servers.values()) child.stop();
  }
}

/** @param {Server} server @param {number} messages */
async function run({ child, port }, messages) {
  const before = await child.ask('cpu');
  const start = performance.now();
  const socket = connect(port, '127.0.0.1');
  await new Promise((resolve, reject) => {
    // Some subjects keep the connection afterwards, so the last chunk is what tells the end (RFC 9112 7.1).
    socket.on('data', (chunk) => chunk.subarray(-5).equals(LAST_CHUNK) && resolve(undefined));
    socket.on('error', reject).on('close', () => reject(new Error('a stream was closed before its end')));
    socket.write('GET /stream HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n');
  });
  const ms = performance.now() - start;
  socket.destroy();
  const cpuMs = (await child.ask('cpu')) - before;
  return { speed: (messages * 1000) / ms, 'CPU per message': (cpuMs * 1000) / messages };
}

/** That it sends all messages in order, and nothing else. @param {string} name @param {number} port @param {number} messages @param {number} bytes */
async function verify(name, port, messages, bytes) {
  const response = await new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path: '/stream', agent: false }, resolve).on('error', reject);
  });
  let n = 0;
  for await (const { id, event, data } of readMessages(response)) {
    const expected = message(n++, bytes);
    deepStrictEqual({ id, event, data }, { ...expected, data: JSON.stringify(expected.data) }, `of ${name}`);
  }
  if (n !== messages) throw new Error(`${name} has sent ${n} of ${messages} messages`);
}
