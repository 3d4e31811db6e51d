/**
 * What it costs to open a stream and to close it again. Each subject is a server in a process of its own; clients in this process,
 * on raw sockets, connect, ask for a stream, close it as soon as its head is there and something of its body, and begin again.
 * The connection is a new one each time, as after a deploy. It shows
 *
 * - CPU: that of the server for a stream, from the first request until everything of all streams is gone
 * - rate: streams per second over the same time, with so many clients
 *
 * `raw` is a response with a head and a first frame. In the environment: ROUNDS, WARM_UP, STREAMS, CLIENTS, and SUBJECTS (names,
 * parted by semicolons).
 */
import { openStream } from './idle-crowd.mjs';
import { besides, chosenSubjects, subjectOf } from './idle-subjects.mjs';
import { Child } from './suite/child.mjs';
import { sizesOf } from './suite/plan.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

const SERVER = new URL('./idle-server.mjs', import.meta.url);

const QUICK = ['ours, channel, Fastify', 'better-sse', 'Nest, Fastify', 'raw, Fastify'];

/** As it is in an application: none falls due meanwhile. */
const PING_MS = 15_000;

/** @type {Record<string, import('./suite/contract.mjs').Figure>} */
const FIGURES = {
  CPU: { unit: 'µs', better: 'less' },
  rate: { unit: 'streams/s', better: 'more' },
};

/** @typedef {{ port: number, child: Child }} Server */

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* connect(settings) {
  const { streams, clients, ...counts } =
    /** @type {{ streams: number, clients: number, rounds: number, warmUp: number }} */ (sizesOf('connect', settings));
  const chosen = chosenSubjects(settings.quick ? QUICK : undefined);
  const roles = Object.fromEntries(Object.entries(chosen).map(([name, { role }]) => [name, role]));
  const platforms = [...new Set(Object.values(chosen).map(({ platform }) => platform))];
  const servers = new Map(await Promise.all(platforms.map(started)));
  try {
    const subjects = await interleavedRounds(roles, counts, (name) => {
      const { platform, path } = subjectOf(name);
      return comeAndGo(/** @type {Server} */ (servers.get(platform)), path, streams, clients);
    });
    const title = `${streams.toLocaleString('en')} streams opened and closed by ${clients} clients`;
    yield { title, base: 'better-sse', figures: FIGURES, subjects, targets: targetsOf(chosen) };
  } finally {
    for (const { child } of servers.values()) child.stop();
  }
}

/** @param {string} platform @returns {Promise<[string, Server]>} */
async function started(platform) {
  const child = new Child(SERVER, [platform, PING_MS], { execArgv: [...process.execArgv, '--expose-gc'] });
  return [platform, { child, port: await child.heard() }];
}

/** @param {Record<string, import('./idle-subjects.mjs').IdleSubject>} chosen */
function targetsOf(chosen) {
  const ours = Object.keys(chosen).filter((name) => chosen[name]?.role === 'ours');
  const targets = ours.map((of) => ({ figure: 'CPU', of, over: besides('Nest', of), most: 1, smoke: true }));
  return targets.filter(({ over }) => over in chosen);
}

/** @param {Server} server @param {string} path @param {number} streams @param {number} clients */
async function comeAndGo({ child, port }, path, streams, clients) {
  const cpuBefore = await child.ask({ ask: 'cpu' });
  const begun = performance.now();
  let left = streams;
  const client = async () => {
    while (left > 0) {
      left--;
      (await openStream({ port, path })).destroy();
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  await child.ask({ ask: 'rest' });
  const ms = performance.now() - begun;
  return { CPU: (((await child.ask({ ask: 'cpu' })) - cpuBefore) * 1000) / streams, rate: (streams * 1000) / ms };
}
