/**
 * What it costs to send one message to many streams. Each subject is a server in a process of its own, which publishes a burst
 * of messages in one turn to all streams; this process is the audience of all of them. The next burst is published when
 * everybody has the one before. `bare` is `response.write()` of a ready buffer for each stream and message, `C floor` a send()
 * of the whole burst for each stream, in a small program. It shows
 *
 * - CPU: that of the server per delivery, from the first burst until everybody has the last one
 * - speed: deliveries per second, from the order to publish until everybody has everything
 * - p50, p99: how long it takes until a stream has all of a burst
 * - stall: the longest round of the server's event loop, in a burst of its own that counts for nothing else
 *
 * That every stream gets every message in order is checked after each burst, else the run fails. In the environment: ROUNDS,
 * WARM_UP, ROUND_MS (a round goes on for so long, and for one burst at least), SUBJECTS (a list with `bare` in it, apart by
 * semicolons), and instead of the shapes of fan-out-shapes.mjs: STREAMS, BURST, BYTES.
 */
import { QUICK_SHAPES, SHAPES, titleOf } from './fan-out-shapes.mjs';
import { FanOutSubject } from './fan-out-subject.mjs';
import { BARE, CPU, FLOOR, STALL, targetsOf } from './fan-out-targets.mjs';
import { isWanted, sizesOf } from './suite/plan.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

/** @type {Record<string, 'ours' | 'peer' | 'floor'>} */
const SUBJECTS = {
  ours: 'ours',
  'better-sse': 'peer',
  'better-sse batched': 'peer',
  'Nest, Express': 'peer',
  'Nest, Fastify': 'peer',
  [BARE]: 'floor',
  [FLOOR]: 'floor',
};

/** @type {Record<string, import('./suite/contract.mjs').Figure>} */
const FIGURES = {
  [CPU]: { unit: 'µs', better: 'less' },
  speed: { unit: 'deliveries/s', better: 'more' },
  p50: { unit: 'ms', better: 'less' },
  p99: { unit: 'ms', better: 'less' },
  [STALL]: { unit: 'ms', better: 'less' },
};

/** @typedef {{ rounds: number, warmUp: number, roundMs: number }} Sizes */

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* fanOut(settings) {
  const { STREAMS, BURST = 1, BYTES = 100 } = process.env;
  const own = STREAMS ? [{ streams: Number(STREAMS), burst: Number(BURST), bytes: Number(BYTES) }] : undefined;
  const sizes = /** @type {Sizes} */ (sizesOf('fan-out', settings));
  for (const shape of own ?? (settings.quick ? QUICK_SHAPES : SHAPES)) {
    if (own || isWanted(settings, titleOf(shape))) yield await compare(shape, sizes);
  }
}

/** @param {import('./fan-out-shapes.mjs').Shape} shape @param {Sizes} sizes @returns {Promise<import('./suite/contract.mjs').Table>} */
async function compare(shape, { rounds, warmUp, roundMs }) {
  const { without = [], bytes } = shape;
  const chosen = process.env.SUBJECTS?.split(';') ?? Object.keys(SUBJECTS);
  const wanted = chosen.filter((name) => !without.includes(name));
  /** @type {Map<string, FanOutSubject>} */
  const servers = new Map();
  try {
    for (const [name, server] of await Promise.all(wanted.map(async (name) => started(name, bytes)))) {
      if (server) servers.set(name, server);
    }
    const roles = Object.fromEntries([...servers.keys()].map((name) => [name, SUBJECTS[name] ?? 'peer']));
    const subjects = await interleavedRounds(roles, { rounds: shape.rounds ?? rounds, warmUp }, async (name) => {
      const run = await servers.get(name)?.run(shape, roundMs);
      return figuresOf(/** @type {import('./fan-out-subject.mjs').Run} */ (run));
    });
    const targets = targetsOf(shape, Object.keys(subjects));
    return { title: titleOf(shape), base: BARE, figures: FIGURES, subjects, targets };
  } finally {
    for (const server of servers.values()) server.stop();
  }
}

/** @param {string} name @param {number} bytes @returns {Promise<[string, FanOutSubject | undefined]>} */
async function started(name, bytes) {
  return [name, await FanOutSubject.start(name, bytes)];
}

/** @param {import('./fan-out-subject.mjs').Run} run */
function figuresOf({ cpuUs, perSecond, p50, p99, stallMs }) {
  return { [CPU]: cpuUs, speed: perSecond, p50, p99, [STALL]: stallMs };
}
