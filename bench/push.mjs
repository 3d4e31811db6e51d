/**
 * How fast one stream is pushed to, encoding included and backpressure respected: `npm run build && node bench/push.mjs`.
 *
 * Each subject is a server in a process of its own; this process reads from a raw socket and looks at nothing but the end.
 * Rounds are interleaved: every round runs every subject once, and what counts is the median over the rounds of the ratio to
 * better-sse in the same round. Differences under 10 % are noise. MESSAGES and ROUNDS can be set in the environment.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

const LAST_CHUNK = Buffer.from('0\r\n\r\n');
const BASE = 'better-sse';
const SUBJECTS = [BASE, 'nest', 'ours'];
const ROUNDS = Number(process.env.ROUNDS ?? 9);
const MESSAGES = Number(process.env.MESSAGES ?? 100_000);

/** @param {string} subject @param {number} bytes */
async function start(subject, bytes) {
  const child = fork(new URL('./push-server.mjs', import.meta.url), [subject, String(MESSAGES), String(bytes)]);
  const [{ port }] = await once(child, 'message');
  return { child, port };
}

/** @param {import('node:child_process').ChildProcess} child */
async function cpuMs(child) {
  child.send('cpu');
  return (await once(child, 'message'))[0].cpuMs;
}

/** @param {string} subject @param {{ child: import('node:child_process').ChildProcess, port: number }} server */
async function run(subject, { child, port }) {
  const before = await cpuMs(child);
  const start = performance.now();
  const socket = connect(port, '127.0.0.1');
  const ended = new Promise((resolve) => {
    // Some subjects keep the connection afterwards, so the last chunk is what tells the end (RFC 9112 7.1).
    socket.on('data', (chunk) => chunk.subarray(-5).equals(LAST_CHUNK) && resolve(undefined));
  });
  socket.write(`GET /${subject} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n`);
  await ended;
  const ms = performance.now() - start;
  socket.destroy();
  return { ms, cpuMs: (await cpuMs(child)) - before };
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b).at(values.length >> 1) ?? Number.NaN;

/** @typedef {{ ms: number, cpuMs: number }} Run */

for (const bytes of [110, 1024]) {
  const servers = new Map();
  for (const subject of SUBJECTS) servers.set(subject, await start(subject, bytes));
  /** @type {Map<string, Run>[]} */
  const rounds = [];
  for (let round = -2; round < ROUNDS; round++) {
    const results = new Map();
    for (const subject of SUBJECTS) results.set(subject, await run(subject, servers.get(subject)));
    if (round >= 0) rounds.push(results);
  }
  for (const { child } of servers.values()) child.kill();
  console.log(`\n${MESSAGES} messages of about ${bytes} B, one stream`);
  for (const subject of SUBJECTS) {
    /** @param {(own: Run, base: Run) => number} figure */
    const figures = (figure) =>
      rounds.map((results) =>
        figure(/** @type {Run} */ (results.get(subject)), /** @type {Run} */ (results.get(BASE))),
      );
    const faster = figures((own, base) => base.ms / own.ms);
    console.log(
      `${subject.padEnd(11)} ${Math.round(median(figures(({ ms }) => (MESSAGES / ms) * 1000)))
        .toLocaleString('en')
        .padStart(9)} messages/s ` +
        `${median(faster).toFixed(2)}x throughput (${Math.min(...faster).toFixed(2)}-${Math.max(...faster).toFixed(2)}) ` +
        `${median(figures((own, base) => own.cpuMs / base.cpuMs)).toFixed(2)}x CPU`,
    );
  }
}
