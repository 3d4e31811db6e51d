/**
 * What open streams cost while nothing is sent but pings. Each subject is a server in a process of its own, new in every round,
 * with streams of raw sockets in this process, which are pinged periodically. It shows
 *
 * - heap: what a stream holds on V8's heap and in the buffers outside of it, after some pings and forced collections
 * - resident: by how much the process has grown for each; the kernel's part of a socket is in neither
 * - pings: microseconds of CPU of the server for each ping, counted where they arrive; and how many of these are spent in the
 *   process itself, for what the kernel takes to send a packet is the same for all
 *
 * `raw` is a response with a head and a first frame, in a list that one timer goes through with `write()`. Nest's `@Sse()` has
 * no pings, so its handler returns an `interval()`. In the environment: ROUNDS, STREAMS (as many descriptors are needed here and
 * in the server), WARM_UP_STREAMS, PING_MS, PERIODS, and SUBJECTS (names, parted by semicolons).
 */
import { Crowd } from './idle-crowd.mjs';
import { besides, chosenSubjects, subjectOf } from './idle-subjects.mjs';
import { Child } from './suite/child.mjs';
import { sizesOf } from './suite/plan.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

const SERVER = new URL('./idle-server.mjs', import.meta.url);
const PEER = 'better-sse';
const QUICK = ['ours, channel, Fastify', PEER, 'raw, Fastify'];

/** @type {Record<string, import('./suite/contract.mjs').Figure>} */
const FIGURES = {
  heap: { unit: 'B', better: 'less' },
  resident: { unit: 'B', better: 'less' },
  'CPU of a ping': { unit: 'µs', better: 'less' },
  'of it in the process': { unit: 'µs', better: 'less' },
};

/** @typedef {{ streams: number, warmUpStreams: number, pingMs: number, periods: number }} Sizes */

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* idle(settings) {
  const sizes = /** @type {Sizes & { rounds: number, warmUp: number }} */ (sizesOf('idle', settings));
  const chosen = chosenSubjects(settings.quick ? QUICK : undefined);
  const roles = Object.fromEntries(Object.entries(chosen).map(([name, { role }]) => [name, role]));
  const subjects = await interleavedRounds(roles, sizes, (name) => measure(name, sizes));
  const title = `${sizes.streams.toLocaleString('en')} idle streams, a ping every ${sizes.pingMs} ms`;
  yield { title, base: PEER, figures: FIGURES, subjects, targets: targetsOf(chosen) };
}

/** @param {Record<string, import('./idle-subjects.mjs').IdleSubject>} chosen */
function targetsOf(chosen) {
  const ours = Object.keys(chosen).filter((name) => chosen[name]?.role === 'ours');
  const targets = ours.flatMap((of) => [
    { figure: 'heap', of, over: besides('raw', of), most: 1.15, smoke: true },
    { figure: 'resident', of, over: besides('raw', of), most: 1.15 },
    { figure: 'CPU of a ping', of, over: PEER, most: 1 / 8 },
  ]);
  return targets.filter(({ over }) => over in chosen);
}

/** @param {string} name @param {Sizes} sizes */
async function measure(name, { streams, warmUpStreams, pingMs, periods }) {
  const { platform, path } = subjectOf(name);
  const server = new Child(SERVER, [platform, pingMs], { execArgv: [...process.execArgv, '--expose-gc'] });
  try {
    const port = await server.heard();
    (await Crowd.open(port, path, warmUpStreams)).leave();
    await server.ask({ ask: 'rest' });
    const before = await server.ask({ ask: 'memory' });
    const crowd = await Crowd.open(port, path, streams);
    await crowd.listen(pingMs);
    const [cpuBefore, blocksBefore] = [await server.ask({ ask: 'cpuParts' }), crowd.blocks];
    await crowd.listen(pingMs * periods);
    const [cpu, pings] = [await server.ask({ ask: 'cpuParts' }), crowd.blocks - blocksBefore];
    const after = await server.ask({ ask: 'memory' });
    crowd.leave();
    return {
      heap: (after.heap - before.heap) / streams,
      resident: (after.resident - before.resident) / streams,
      'CPU of a ping': ((cpu.all - cpuBefore.all) * 1000) / pings,
      'of it in the process': ((cpu.user - cpuBefore.user) * 1000) / pings,
    };
  } finally {
    server.stop();
  }
}
