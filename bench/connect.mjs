/**
 * What it costs to open a stream and to close it again.
 *
 * Each subject is a server in a process of its own. CLIENTS clients of this process, on raw sockets, connect, ask for a
 * stream, close it as soon as its head is there and something of its body, and begin again, until STREAMS streams have been
 * open. The connection is a new one each time, as after a deploy. Measured are
 *
 * - CPU: that of the server for a stream, from the first request until everything of all streams is gone
 * - rate: streams per second over the same time, clients included
 *
 * Rounds are interleaved. `raw` is a response with a head and a first frame. In the environment: STREAMS, CLIENTS, ROUNDS, and
 * SUBJECTS (names, parted by semicolons).
 */
import { openStream } from './idle-crowd.mjs';
import { chosenSubjects, nestOf, OURS } from './idle-subjects.mjs';
import { SubjectProcess } from './subject-process.mjs';

const PLAN = { streams: 3000, clients: 64, rounds: 5 };
const QUICK = { streams: 200, clients: 64, rounds: 1 };

/** As it is in an application: none falls due meanwhile. */
const PING_MS = 15_000;

const FIGURES = /** @type {const} */ ({
  CPU: { unit: 'µs per stream opened and closed', better: 'less' },
  rate: { unit: 'streams/s', better: 'more' },
});

const TARGETS = OURS.map((of) => ({ figure: 'CPU', of, over: nestOf(of), most: 1, smoke: true }));

/** @param {import('./suite/contract.mjs').Settings} settings @returns {AsyncGenerator<import('./suite/contract.mjs').Table>} */
export default async function* connect(settings) {
  const plan = planOf(settings);
  const chosen = chosenSubjects();
  const platforms = [...new Set(chosen.map(({ platform }) => platform))];
  const servers = new Map(platforms.map((platform) => [platform, serverOn(platform)]));
  /** @type {Record<string, import('./suite/contract.mjs').Subject>} */
  const subjects = Object.fromEntries(chosen.map(({ name, role }) => [name, { role, rounds: [] }]));
  try {
    await Promise.all([...servers.values()].map((server) => server.start()));
    for (let round = -1; round < plan.rounds; round++) {
      for (const { name, platform, path } of chosen) {
        const run = await comeAndGo(/** @type {SubjectProcess} */ (servers.get(platform)), path, plan);
        if (round >= 0) subjects[name]?.rounds.push(run);
      }
    }
  } finally {
    for (const server of servers.values()) server.stop();
  }
  const title = `${plan.streams} streams opened and closed by ${plan.clients} clients`;
  yield { title, base: 'better-sse', figures: FIGURES, subjects, targets: TARGETS };
}

/** @param {{ quick: boolean, rounds?: number }} settings */
function planOf({ quick, rounds }) {
  const plan = quick ? QUICK : PLAN;
  const { STREAMS, CLIENTS, ROUNDS } = process.env;
  return {
    streams: Number(STREAMS ?? plan.streams),
    clients: Number(CLIENTS ?? plan.clients),
    rounds: rounds ?? Number(ROUNDS ?? plan.rounds),
  };
}

/** @param {string} platform */
function serverOn(platform) {
  return new SubjectProcess(new URL('./idle-server.mjs', import.meta.url), [platform, PING_MS]);
}

/** @param {SubjectProcess} server @param {string} path @param {typeof PLAN} plan */
async function comeAndGo(server, path, { streams, clients }) {
  const cpuBefore = await server.ask('cpu');
  const begun = performance.now();
  let left = streams;
  const client = async () => {
    while (left > 0) {
      left--;
      (await openStream({ port: server.port, path })).destroy();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  await server.ask('rest');
  const ms = performance.now() - begun;
  return { CPU: (((await server.ask('cpu')) - cpuBefore) * 1000) / streams, rate: (streams * 1000) / ms };
}
