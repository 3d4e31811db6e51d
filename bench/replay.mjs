/**
 * What a reconnecting crowd costs: CLIENTS clients come back at once, each with the `Last-Event-ID` of MESSAGES messages ago, as
 * after a network was gone for a moment.
 *
 * Each subject is a server in a process of its own; the clients are raw sockets of this process. Rounds are interleaved, and
 * every client must get exactly the messages that it has missed, in order, else the run fails. Measured are
 *
 * - CPU: that of the server per message replayed
 * - rate: messages per second, from the first request until everybody has everything
 * - stall: the longest time for which the server's event loop had no turn: so long all other streams wait
 *
 * `node:http, a write each` is what is written by hand most often: the last frames in an array, and a loop. The floor writes one
 * buffer that was made before. In the environment: CLIENTS, MESSAGES, ROUNDS, and SUBJECTS (names, parted by semicolons).
 */
import { comeBackAll, verifyReplay } from './replay-client.mjs';
import { capacityFor } from './replay-messages.mjs';
import { SubjectProcess } from './subject-process.mjs';

const PLAN = { clients: 1000, messages: 1000, rounds: 3 };
const QUICK = { clients: 50, messages: 200, rounds: 1 };

const OURS = ['ours, Express', 'ours, Fastify'];
const BY_HAND = 'node:http, a write each';
const FLOOR = 'node:http, one buffer';

/** @type {Record<string, 'ours' | 'peer' | 'floor'>} */
const ROLES = {
  'ours, Express': 'ours',
  'ours, Fastify': 'ours',
  'better-sse': 'peer',
  'better-sse batched': 'peer',
  'Nest @Sse(), Express': 'peer',
  'Nest @Sse(), Fastify': 'peer',
  [BY_HAND]: 'peer',
  [FLOOR]: 'floor',
};

const FIGURES = /** @type {const} */ ({
  CPU: { unit: 'µs per message', better: 'less' },
  rate: { unit: 'messages/s', better: 'more' },
  stall: { unit: 'ms', better: 'less' },
});

const TARGETS = OURS.flatMap((of) => [
  { figure: 'CPU', of, over: BY_HAND, most: 0.2, smoke: true },
  { figure: 'CPU', of, over: 'better-sse batched', most: 0.5 },
]);

/** @param {import('./suite/contract.mjs').Settings} settings @returns {AsyncGenerator<import('./suite/contract.mjs').Table>} */
export default async function* replay(settings) {
  const { clients, messages, rounds } = planOf(settings);
  const names = process.env['SUBJECTS']?.split(';') ?? Object.keys(ROLES);
  const servers = names.map((name) => new SubjectProcess(SERVER, [name, messages]));
  const buffers = Array.from({ length: clients }, () => Buffer.allocUnsafeSlow(capacityFor(messages)));
  /** @type {Record<string, import('./suite/contract.mjs').Subject>} */
  const subjects = Object.fromEntries(names.map((name) => [name, { role: ROLES[name] ?? 'peer', rounds: [] }]));
  try {
    await Promise.all(servers.map((server) => server.start()));
    for (let round = -1; round < rounds; round++) {
      for (const [index, name] of names.entries()) {
        const some = round < 0 ? buffers.slice(0, clients / 10) : buffers;
        const run = await measure(/** @type {SubjectProcess} */ (servers[index]), some, messages);
        if (round >= 0) subjects[name]?.rounds.push(run);
      }
    }
  } finally {
    for (const server of servers) server.stop();
  }
  const title = `${clients} clients come back for ${messages} messages`;
  yield { title, base: BY_HAND, figures: FIGURES, subjects, targets: TARGETS };
}

const SERVER = new URL('./replay-server.mjs', import.meta.url);

/** @param {{ quick: boolean, rounds?: number }} settings */
function planOf({ quick, rounds }) {
  const plan = quick ? QUICK : PLAN;
  const { CLIENTS, MESSAGES, ROUNDS } = process.env;
  return {
    clients: Number(CLIENTS ?? plan.clients),
    messages: Number(MESSAGES ?? plan.messages),
    rounds: rounds ?? Number(ROUNDS ?? plan.rounds),
  };
}

/** @param {SubjectProcess} server @param {Buffer[]} buffers @param {number} messages */
async function measure(server, buffers, messages) {
  const lastEventId = await server.ask('lastEventId');
  await server.ask('watch');
  const cpuBefore = await server.ask('cpu');
  const begun = performance.now();
  const { received, leave } = await comeBackAll({ port: server.port, path: '/news', lastEventId, buffers });
  const ms = performance.now() - begun;
  const cpuMs = (await server.ask('cpu')) - cpuBefore;
  const stall = await server.ask('stall');
  leave();
  await server.ask('rest');
  verifyReplay(received, messages);
  const deliveries = buffers.length * messages;
  return { CPU: (cpuMs * 1000) / deliveries, rate: (deliveries * 1000) / ms, stall };
}
