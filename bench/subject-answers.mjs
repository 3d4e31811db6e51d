/** What a subject of a benchmark, in a process of its own, answers its parent, which asks `{ ask: 'cpu' }` and so on. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 1 });

function watch() {
  delay.reset();
  delay.enable();
}

/** The longest time since `watch` for which the event loop had no turn, in milliseconds. */
function stall() {
  delay.disable();
  return delay.max / 1e6;
}

/** Milliseconds of CPU used so far. */
function cpu() {
  return inAll(process.cpuUsage());
}

/** The same in two parts: of this program, and of the kernel for it. */
function cpuParts() {
  const usage = process.cpuUsage();
  return { all: inAll(usage), user: usage.user / 1000 };
}

/** @param {NodeJS.CpuUsage} usage */
function inAll({ user, system }) {
  return (user + system) / 1000;
}

/** Bytes in use after everything that can go is gone; some of it goes only a little later. */
async function memory() {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}

/** @typedef {Record<string, (of: any) => unknown>} Answers */

/** @param {Answers} own what is answered beside the figures of the process */
export function answer(own) {
  /** @type {Answers} */
  const answers = { cpu, cpuParts, memory, watch, stall, ...own };
  process.on('message', async (/** @type {{ ask: string, of?: unknown }} */ { ask, of }) => {
    process.send?.((await answers[ask]?.(of)) ?? 'done');
  });
  process.on('disconnect', () => process.exit());
}

/**
 * Tells the parent the port as soon as there is one.
 *
 * @param {import('node:http').Server} server @param {Answers} [own]
 */
export function answerAndListen(server, own = {}) {
  /** Nobody is connected any more, and what they have left is cleared away. */
  const rest = async () => {
    while (await new Promise((resolve) => server.getConnections((_error, count) => resolve(count)))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    globalThis.gc?.();
  };
  answer({ rest, ...own });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
    process.send?.(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
  });
}
