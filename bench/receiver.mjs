/**
 * How fast an event stream is received, from socket to message, beside others, in one run:
 * `npm run build && node bench/receiver.mjs`.
 *
 * A server in a process of its own sends EVENTS events of about 200 bytes, one HTTP chunk each, as fast as they are taken.
 * Each subject runs in a process of its own, ROUNDS times, interleaved; what counts is the median over the rounds of its
 * events per second, and of its CPU time per event, *relative to the baseline's in the same round*: `http.request` whose
 * chunks go to the same decoder. Differences under 10 % are noise. LIB names another build of ours.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const EVENTS = Number(process.env.EVENTS ?? 200_000);
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const WARM_UP = 1;
const BASELINE = 'http.request + decoder';
const LIB = process.env.LIB ?? new URL('../dist', import.meta.url).href;

/** Each resolves when it has got all events. @type {Record<string, (url: string, onEvent: () => void) => Promise<unknown>>} */
const subjects = {
  async 'http.request + decoder'(url, onEvent) {
    const { SseDecoder } = await import(`${LIB}/protocol/index.js`);
    const decoder = new SseDecoder({ onMessage: onEvent });
    return new Promise((resolve) => {
      request(url, (response) => {
        response.on('data', (bytes) => decoder.push(bytes)).on('end', resolve);
      }).end();
    });
  },
  async 'ours, messages$'(url, onEvent) {
    const { SseReceiverService } = await import(`${LIB}/receiver/index.js`);
    const subscription = new SseReceiverService().subscribe(url, { retry: false });
    return new Promise((complete) => subscription.messages$.subscribe({ next: onEvent, complete }));
  },
  async 'ours, for await'(url, onEvent) {
    const { SseReceiverService } = await import(`${LIB}/receiver/index.js`);
    for await (const _message of new SseReceiverService().subscribe(url, { retry: false })) onEvent();
  },
  async eventsource(url, onEvent) {
    const { EventSource } = await import('eventsource');
    const source = new EventSource(url);
    source.addEventListener('tick', onEvent);
    return new Promise((resolve) => {
      source.onerror = () => resolve(source.close());
    });
  },
};

if (process.argv[2] === 'server') {
  await serve();
} else if (process.argv[2] !== undefined) {
  await receive(process.argv[2], process.argv[3] ?? '');
} else {
  await compare();
}

async function serve() {
  const frame = `event: tick\nid: 1234567\ndata: ${JSON.stringify({ text: 'x'.repeat(150) })}\n\n`;
  const chunk = `${frame.length.toString(16)}\r\n${frame}\r\n`;
  const block = Buffer.from(chunk.repeat(100));
  const server = createServer(async (socket) => {
    socket.on('error', () => {});
    await once(socket, 'data');
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
    for (let sent = 0; sent < EVENTS; sent += 100) {
      if (!socket.write(block)) await once(socket, 'drain');
    }
    socket.end('0\r\n\r\n');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  process.send?.(server.address());
}

/** @param {string} name @param {string} url */
async function receive(name, url) {
  let events = 0;
  let start = 0;
  let cpu = process.cpuUsage();
  await subjects[name]?.(url, () => {
    // Loading and connecting are not what is measured.
    if (events++ === 0) {
      start = performance.now();
      cpu = process.cpuUsage();
    }
  });
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  if (events !== EVENTS) throw new Error(`${name} got ${events} of ${EVENTS} events`);
  process.send?.({ perSecond: events / seconds, cpuMicros: (user + system) / events });
}

async function compare() {
  const file = fileURLToPath(import.meta.url);
  const server = fork(file, ['server']);
  const [{ port }] = await once(server, 'message');
  const names = Object.keys(subjects);
  /** @type {Map<string, Result>[]} */
  const rounds = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    /** @type {Map<string, Result>} */
    const results = new Map();
    const turned = names.map((_name, turn) => names[(turn + round) % names.length] ?? '');
    for (const name of turned) {
      const child = fork(file, [name, `http://127.0.0.1:${port}`]);
      const exited = once(child, 'exit');
      const [result] = await once(child, 'message');
      results.set(name, result);
      await exited;
    }
    if (round >= WARM_UP) rounds.push(results);
  }
  server.kill();
  for (const name of names) report(name, rounds);
}

/** @typedef {{ perSecond: number, cpuMicros: number }} Result */

/** @param {string} name @param {Map<string, Result>[]} rounds */
function report(name, rounds) {
  const own = rounds.map((results) => /** @type {Result} */ (results.get(name)));
  const base = rounds.map((results) => /** @type {Result} */ (results.get(BASELINE)));
  const relative = (/** @type {'perSecond' | 'cpuMicros'} */ what) =>
    median(own.map((result, round) => result[what] / (base[round]?.[what] ?? Number.NaN))).toFixed(2);
  const thousands = Math.round(median(own.map(({ perSecond }) => perSecond)) / 1_000);
  const figures = `${thousands}k events/s = ${relative('perSecond')}, CPU ${relative('cpuMicros')}`;
  console.log(`${name.padEnd(24)} ${figures}`);
}

/** @param {number[]} values */
function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
