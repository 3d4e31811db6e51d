/**
 * What a reconnecting crowd costs: so many clients come back at once, each with the `Last-Event-ID` of so many messages ago, as
 * after a network was gone for a moment. Each subject is a server in a process of its own; the clients are raw sockets of this
 * process. Every client must get exactly the messages that it has missed, in order, else the run fails. It shows
 *
 * - CPU: that of the server per message replayed
 * - rate: messages per second, from the first request until everybody has everything
 * - stall: the longest time for which the server's event loop had no turn: so long all other streams wait
 *
 * `by hand` is what is mostly written: the last frames in an array, and a `response.write()` of each. The floor writes one buffer
 * that was made before. In the environment: ROUNDS, WARM_UP, CLIENTS, MESSAGES, and SUBJECTS (names, parted by semicolons).
 */
import { comeBackAll, verifyReplay } from './replay-client.mjs';
import { capacityFor } from './replay-messages.mjs';
import { Child } from './suite/child.mjs';
import { sizesOf } from './suite/plan.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

const SERVER = new URL('./replay-server.mjs', import.meta.url);
const BY_HAND = 'by hand';

/** @type {Record<string, 'ours' | 'peer' | 'floor'>} */
const SUBJECTS = {
  'ours, Express': 'ours',
  'ours, Fastify': 'ours',
  [BY_HAND]: 'peer',
  'better-sse': 'peer',
  'better-sse batched': 'peer',
  'Nest, Express': 'peer',
  'Nest, Fastify': 'peer',
  'one buffer': 'floor',
};

/** @type {Record<string, import('./suite/contract.mjs').Figure>} */
const FIGURES = {
  'CPU per message': { unit: 'µs', better: 'less' },
  rate: { unit: 'messages/s', better: 'more' },
  stall: { unit: 'ms', better: 'less' },
};

const TARGETS = ['ours, Express', 'ours, Fastify'].flatMap((of) => [
  { figure: 'CPU per message', of, over: BY_HAND, most: 0.4, smoke: true },
  { figure: 'CPU per message', of, over: 'better-sse batched', most: 0.5 },
  { figure: 'stall', of, over: BY_HAND, most: 0.33 },
]);

/** @typedef {{ child: Child, port: number, lastEventId: string }} Server */

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* replay(settings) {
  const { clients, messages, ...counts } =
    /** @type {{ clients: number, messages: number, rounds: number, warmUp: number }} */ (sizesOf('replay', settings));
  const names = process.env['SUBJECTS']?.split(';') ?? Object.keys(SUBJECTS);
  const roles = Object.fromEntries(names.map((name) => [name, SUBJECTS[name] ?? 'peer']));
  const buffers = Array.from({ length: clients }, () => Buffer.allocUnsafeSlow(capacityFor(messages)));
  const servers = new Map(await Promise.all(names.map((name) => started(name, messages))));
  try {
    const subjects = await interleavedRounds(roles, counts, (name) => {
      return measure(/** @type {Server} */ (servers.get(name)), buffers, messages);
    });
    const title = `${clients.toLocaleString('en')} clients come back for ${messages.toLocaleString('en')} messages`;
    yield { title, base: BY_HAND, figures: FIGURES, subjects, targets: TARGETS };
  } finally {
    for (const { child } of servers.values()) child.stop();
  }
}

/** @param {string} name @param {number} messages @returns {Promise<[string, Server]>} */
async function started(name, messages) {
  const child = new Child(SERVER, [name, messages], { execArgv: [...process.execArgv, '--expose-gc'] });
  const port = await child.heard();
  return [name, { child, port, lastEventId: await child.ask({ ask: 'lastEventId' }) }];
}

/** @param {Server} server @param {Buffer[]} buffers @param {number} messages */
async function measure({ child, port, lastEventId }, buffers, messages) {
  await child.ask({ ask: 'watch' });
  const cpuBefore = await child.ask({ ask: 'cpu' });
  const begun = performance.now();
  const { received, leave } = await comeBackAll({ port, path: '/news', lastEventId, buffers });
  const ms = performance.now() - begun;
  const cpuMs = (await child.ask({ ask: 'cpu' })) - cpuBefore;
  const stall = await child.ask({ ask: 'stall' });
  leave();
  await child.ask({ ask: 'rest' });
  verifyReplay(received, messages);
  const deliveries = buffers.length * messages;
  return { 'CPU per message': (cpuMs * 1000) / deliveries, rate: (deliveries * 1000) / ms, stall };
}
