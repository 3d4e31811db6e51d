/**
 * What it costs to send one message to many streams, beside others, in one run: `npm run build && node bench/fan-out.mjs`.
 *
 * Each subject is a server in a process of its own, which publishes BURST messages in one turn to STREAMS streams; this
 * process is the audience of all of them. The next burst is published when everybody has the one before. Rounds are
 * interleaved: every round connects to every subject once, and what counts is the median over the rounds of the ratio to
 * `bare` in the same round, which is `response.write()` of a ready buffer for each stream and message. It shows
 *
 * - CPU: that of the server per delivery, from the first burst until everybody has the last one
 * - speed: deliveries per second, from the order to publish until everybody has everything
 * - p50, p99: how long it takes until a stream has all of a burst
 * - stall: the longest round of the server's event loop, in a burst of its own that counts for nothing else
 *
 * That every stream gets every message in order is checked after each burst, else the run fails. Differences under 10 % are
 * noise. In the environment: STREAMS and BURSTS (lists, `STREAMS=10000 BURSTS=1,10`; descriptors for so many are needed),
 * BYTES of a message, ROUNDS, ROUND_MS, and SUBJECTS (a list with `bare` in it). `node --cpu-prof bench/fan-out.mjs` profiles servers too.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Audience } from './fan-out-client.mjs';

const BASE = 'bare';
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const BYTES = Number(process.env.BYTES ?? 110);
const SUBJECTS = (process.env.SUBJECTS ?? `${BASE},ours,better-sse,better-sse batched,nest`).split(',');
const STREAMS = numbers(process.env.STREAMS ?? '1000');
const BURSTS = numbers(process.env.BURSTS ?? '1,10,100');

/** A round goes on until the bursts have taken so long, but has so many of them at least. */
const ROUND_MS = Number(process.env.ROUND_MS ?? 400);
const ROUND_BURSTS = 2;

/** @typedef {{ cpuUs: number, perSecond: number, p50: number, p99: number, stallMs: number }} Run */

/** @param {string} list */
function numbers(list) {
  return list.split(',').map(Number);
}

class Server {
  #child;
  #published = 0;
  #port = 0;

  /** @param {string} subject */
  constructor(subject) {
    this.subject = subject;
    const program = new URL('./fan-out-server.mjs', import.meta.url);
    this.#child = fork(program, [subject, String(BYTES)], { execArgv: [...process.execArgv, '--expose-gc'] });
  }

  async start() {
    this.#port = await this.#answer();
  }

  /** @param {number} streams @param {number} burst @returns {Promise<Run>} */
  async run(streams, burst) {
    const capacity = burst * (BYTES + 120);
    const audience = await Audience.open({ port: this.#port, path: '/news', count: streams, capacity });
    const publish = () => void this.#child.send({ publish: burst });
    const hear = async () => {
      const arrivals = await audience.hear(publish, this.#published, burst);
      this.#published += burst;
      return arrivals;
    };
    await new Promise((resolve) => setTimeout(resolve, 200));
    audience.settle();
    await hear();
    await this.#ask('collect');
    const cpuBefore = await this.#ask('cpu');
    /** @type {number[][]} */
    const bursts = [];
    let ms = 0;
    while (ms < ROUND_MS || bursts.length < ROUND_BURSTS) {
      const arrivals = await hear();
      bursts.push(arrivals);
      ms += arrivals.at(-1) ?? Number.NaN;
    }
    const cpuMs = (await this.#ask('cpu')) - cpuBefore;
    await this.#ask('watch');
    await hear();
    const stallMs = await this.#ask('stall');
    audience.leave();
    await this.#ask('rest');
    const deliveries = streams * burst * bursts.length;
    const arrivals = bursts.flat().sort((a, b) => a - b);
    return {
      cpuUs: (cpuMs * 1000) / deliveries,
      perSecond: deliveries / (ms / 1000),
      p50: percentile(arrivals, 0.5),
      p99: percentile(arrivals, 0.99),
      stallMs,
    };
  }

  stop() {
    this.#child.disconnect();
  }

  /** @param {string} what @returns {Promise<number>} */
  #ask(what) {
    this.#child.send({ ask: what });
    return this.#answer();
  }

  async #answer() {
    const failed = new AbortController();
    const exited = once(this.#child, 'exit', { signal: failed.signal }).then(() => {
      throw new Error(`the server of ${this.subject} has ended`);
    });
    try {
      return (await Promise.race([once(this.#child, 'message', { signal: failed.signal }), exited]))[0].answer;
    } finally {
      exited.catch(() => {});
      failed.abort();
    }
  }
}

/** @param {number[]} sorted @param {number} part */
const percentile = (sorted, part) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;

/** @param {number[]} values */
const median = (values) =>
  percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

/** @param {number} value */
const short = (value) => (value < 10 ? value.toFixed(value < 1 ? 3 : 2) : value.toFixed(1));

/** @param {Map<string, Run>[]} rounds @param {string} subject */
function row(rounds, subject) {
  /** @param {keyof Run} figure */
  const own = (figure) => rounds.map((round) => /** @type {Run} */ (round.get(subject))[figure]);
  /** @param {keyof Run} figure */
  const ratios = (figure) =>
    rounds.map(
      (round) => /** @type {Run} */ (round.get(subject))[figure] / /** @type {Run} */ (round.get(BASE))[figure],
    );
  const cpu = ratios('cpuUs');
  return {
    'CPU ÷ bare': short(median(cpu)),
    '(range)': `${short(Math.min(...cpu))}-${short(Math.max(...cpu))}`,
    'CPU µs': short(median(own('cpuUs'))),
    'speed ÷ bare': short(median(ratios('perSecond'))),
    'deliveries/s': Math.round(median(own('perSecond'))),
    'p50 ÷ bare': short(median(ratios('p50'))),
    'p99 ÷ bare': short(median(ratios('p99'))),
    'stall ÷ bare': short(median(ratios('stallMs'))),
    'stall ms': short(median(own('stallMs'))),
  };
}

/** @param {number} streams @param {number} burst */
async function compare(streams, burst) {
  const servers = SUBJECTS.map((subject) => new Server(subject));
  try {
    await Promise.all(servers.map((server) => server.start()));
    /** @type {Map<string, Run>[]} */
    const rounds = [];
    for (let round = -1; round < ROUNDS; round++) {
      /** @type {Map<string, Run>} */
      const results = new Map();
      for (const server of servers) results.set(server.subject, await server.run(streams, burst));
      if (round >= 0) rounds.push(results);
    }
    console.log(`\n${streams} streams, bursts of ${burst}, messages of about ${BYTES} B, ${ROUNDS} rounds`);
    console.table(Object.fromEntries(SUBJECTS.map((subject) => [subject, row(rounds, subject)])));
  } finally {
    for (const server of servers) server.stop();
  }
}

for (const streams of STREAMS) {
  for (const burst of BURSTS) await compare(streams, burst);
}
