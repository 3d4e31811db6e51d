/**
 * What open streams cost while nothing is sent but pings.
 *
 * Each subject is a server in a process of its own, new in every round, with STREAMS streams that are pinged every PING_MS;
 * their clients are raw sockets of this process. Measured are
 *
 * - heap: what a stream holds on V8's heap and in the buffers outside of it, after PERIODS of pings and forced collections
 * - resident: by how much the process has grown for each; the kernel's part of a socket is in neither
 * - pings: seconds of CPU of the server for a million pings, counted where they arrive, and how much of it is spent in the
 *   process itself: what the kernel takes to send a packet is the same for all
 *
 * `raw` is a response with a head and a first frame, in a list that one timer goes through with `write()`. Nest's `@Sse()` has
 * no pings, so its handler returns an `interval()`. In the environment: STREAMS (as many descriptors are needed here and in
 * the server), PING_MS, PERIODS, ROUNDS, and SUBJECTS (names, parted by semicolons).
 */
import { Crowd } from './idle-crowd.mjs';
import { chosenSubjects, OURS, rawOf } from './idle-subjects.mjs';
import { SubjectProcess } from './subject-process.mjs';

const PLAN = { streams: 10_000, warmUp: 1000, pingMs: 2000, periods: 2, rounds: 3 };
const QUICK = { streams: 300, warmUp: 50, pingMs: 100, periods: 2, rounds: 1 };

const SERVER = new URL('./idle-server.mjs', import.meta.url);

const FIGURES = /** @type {const} */ ({
  heap: { unit: 'bytes of heap and buffers per stream', better: 'less' },
  resident: { unit: 'bytes of resident memory per stream', better: 'less' },
  pings: { unit: 's of CPU per million pings', better: 'less' },
  'pings, user': { unit: 's of these in the process, without the kernel', better: 'less' },
});

const TARGETS = OURS.flatMap((of) => [
  { figure: 'heap', of, over: rawOf(of), most: 1.15, smoke: true },
  { figure: 'resident', of, over: rawOf(of), most: 1.15 },
  { figure: 'pings', of, over: 'better-sse', most: 1 / 8 },
]);

/** @param {import('./suite/contract.mjs').Settings} settings @returns {AsyncGenerator<import('./suite/contract.mjs').Table>} */
export default async function* idle(settings) {
  const plan = planOf(settings);
  const chosen = chosenSubjects().filter(({ platform, path }) => !settings.quick || isQuick(platform, path));
  /** @type {Record<string, import('./suite/contract.mjs').Subject>} */
  const subjects = Object.fromEntries(chosen.map(({ name, role }) => [name, { role, rounds: [] }]));
  for (let round = 0; round < plan.rounds; round++) {
    const servers = chosen.map(({ platform }) => new SubjectProcess(SERVER, [platform, plan.pingMs]));
    try {
      await Promise.all(servers.map((server) => server.start()));
      for (const [index, { name, path }] of chosen.entries()) {
        const server = /** @type {SubjectProcess} */ (servers[index]);
        subjects[name]?.rounds.push(await measure(server, path, plan));
        server.stop();
      }
    } finally {
      for (const server of servers) server.stop();
    }
  }
  const title = `${plan.streams} idle streams, a ping every ${plan.pingMs} ms`;
  yield { title, base: 'better-sse', figures: FIGURES, subjects, targets: TARGETS };
}

/** @param {{ quick: boolean, rounds?: number }} settings */
function planOf({ quick, rounds }) {
  const plan = quick ? QUICK : PLAN;
  const { STREAMS, PING_MS, PERIODS, ROUNDS } = process.env;
  return {
    ...plan,
    streams: Number(STREAMS ?? plan.streams),
    pingMs: Number(PING_MS ?? plan.pingMs),
    periods: Number(PERIODS ?? plan.periods),
    rounds: rounds ?? Number(ROUNDS ?? plan.rounds),
  };
}

/** Those that a target needs. @param {string} platform @param {string} path */
function isQuick(platform, path) {
  return platform === 'better-sse' || (platform !== 'http' && (path === '/channel' || path === '/raw'));
}

/** @param {SubjectProcess} server @param {string} path @param {typeof PLAN} plan */
async function measure(server, path, { streams, warmUp, pingMs, periods }) {
  (await Crowd.open(server.port, path, warmUp)).leave();
  await server.ask('rest');
  const before = await server.ask('memory');
  const crowd = await Crowd.open(server.port, path, streams);
  await crowd.listen(pingMs);
  const [cpuBefore, blocksBefore] = [await server.ask('cpuParts'), crowd.blocks];
  await crowd.listen(pingMs * periods);
  const [cpu, pings] = [await server.ask('cpuParts'), crowd.blocks - blocksBefore];
  const after = await server.ask('memory');
  crowd.leave();
  return {
    heap: (after.heap - before.heap) / streams,
    resident: (after.resident - before.resident) / streams,
    pings: ((cpu.all - cpuBefore.all) * 1000) / pings,
    'pings, user': ((cpu.user - cpuBefore.user) * 1000) / pings,
  };
}
