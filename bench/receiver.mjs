/**
 * What it costs to receive an event stream, from socket to message. Two workloads of events of about 200 bytes, one HTTP chunk
 * each, from a server in a process of its own:
 *
 * - bulk: one stream, as fast as it is taken
 * - paced: fifty streams at once, each at a rate that a timer keeps; so the speed is the server's, and the CPU is what counts
 *
 * Each subject takes each workload in a process of its own. The baseline is `http.request` whose chunks go to the decoder of
 * ours. That every stream gets every event is checked, else the run fails. In the paced workload the kernel takes a third of
 * the CPU time or more, whoever receives; and who is late gets several events in one read, for less.
 *
 * In the environment: ROUNDS, WARM_UP, EVENTS of the bulk, PACED_SECONDS that are measured after PACED_WARM_UP_SECONDS that
 * are not, LIB (another build of ours, as a file URL).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { BASELINE, OURS, subjects, USUAL } from './receiver-subjects.mjs';
import { EVENT_BYTES, PER_SECOND } from './receiver-workloads.mjs';
import { Child } from './suite/child.mjs';
import { isWanted, sizesOf } from './suite/plan.mjs';
import { interleavedRounds } from './suite/rounds.mjs';

/** A subject that takes so long has lost events, and waits for them. */
const DEADLINE_MS = 120_000;
const QUICK = ['ours, messages$', 'ours, process()', USUAL, BASELINE];
const CPU = 'CPU per event';

/** @typedef {import('./receiver-workloads.mjs').WorkloadName} WorkloadName */
/** @typedef {{ rounds: number, warmUp: number, events: number, pacedSeconds: number, pacedWarmUpSeconds: number }} Sizes */
/** @typedef {{ title: string, figures: Record<string, import('./suite/contract.mjs').Figure>, targets: Omit<import('./suite/contract.mjs').Target, 'of'>[] }} Workload */

/** @type {Record<WorkloadName, Workload>} */
const WORKLOADS = {
  bulk: {
    title: `Bulk: one stream, events of ${EVENT_BYTES} B, as fast as they are taken`,
    figures: { speed: { unit: 'events/s', better: 'more' }, [CPU]: { unit: 'µs', better: 'less' } },
    targets: [
      { figure: 'speed', over: BASELINE, least: 2.3 },
      { figure: 'speed', over: USUAL, least: 2.5, smoke: true },
    ],
  },
  paced: {
    title: `Paced: 50 streams at once, ${PER_SECOND} events/s each`,
    figures: { [CPU]: { unit: 'µs', better: 'less' } },
    targets: [
      { figure: CPU, over: BASELINE, most: 0.75 },
      { figure: CPU, over: USUAL, most: 0.45 },
    ],
  },
};

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* receiver(settings) {
  const { events, pacedSeconds, pacedWarmUpSeconds, ...counts } = /** @type {Sizes} */ (sizesOf('receiver', settings));
  const env = {
    ...process.env,
    EVENTS: String(events),
    PACED_SECONDS: String(pacedSeconds),
    PACED_WARM_UP_SECONDS: String(pacedWarmUpSeconds),
  };
  const names = Object.keys(subjects).filter((name) => !settings.quick || QUICK.includes(name));
  const server = new Child(new URL('./receiver-server.mjs', import.meta.url), [], { env });
  try {
    const { port } = await server.heard();
    for (const [name, { title, figures, targets }] of Object.entries(WORKLOADS)) {
      if (!isWanted(settings, title)) continue;
      const roles = Object.fromEntries(names.map((subject) => [subject, roleOf(subject)]));
      const measured = await interleavedRounds(roles, counts, (subject) => run(subject, name, port, env));
      const own = names.filter((subject) => OURS.includes(subject));
      const all = own.flatMap((of) => targets.map((target) => ({ ...target, of })));
      yield { title, base: BASELINE, figures, subjects: measured, targets: all };
    }
  } finally {
    server.stop();
  }
}

/** @param {string} subject @returns {'ours' | 'peer' | 'floor'} */
function roleOf(subject) {
  if (OURS.includes(subject)) return 'ours';
  return subject === BASELINE ? 'floor' : 'peer';
}

/** @param {string} subject @param {string} workload @param {number} port @param {NodeJS.ProcessEnv} env */
async function run(subject, workload, port, env) {
  const child = fork(new URL('./receiver-process.mjs', import.meta.url), [subject, workload, String(port)], {
    timeout: DEADLINE_MS,
    env,
  });
  /** @type {import('./receiver-process.mjs').Result | undefined} */
  let result;
  child.on('message', (message) => {
    result = /** @type {import('./receiver-process.mjs').Result} */ (message);
  });
  const [code, signal] = await once(child, 'close');
  if (!result) throw new Error(`${subject}, ${workload}: no result, and the end by ${signal ?? `code ${code}`}`);
  return { speed: result.perSecond, [CPU]: result.cpuMicros };
}
