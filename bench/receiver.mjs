/**
 * What it costs to receive an event stream, from socket to message, beside others, in one run:
 * `npm run build && node bench/receiver.mjs`. It takes some eight minutes.
 *
 * Two workloads of events of about 200 bytes, one HTTP chunk each, from a server in a process of its own:
 *
 * - bulk: one stream, as fast as it is taken
 * - paced: many streams at once, each at a rate that a timer keeps
 *
 * Each subject takes each workload in a process of its own, ROUNDS times, interleaved, in an order that turns by one
 * each round; the first round only warms up. What counts is the median over the rounds of its events per second (bulk),
 * and of the CPU time of its process per event (both), *relative to the baseline's in the same round*, and to that of
 * the package `eventsource`. The baseline is `http.request` whose chunks go to the decoder of ours. That every stream
 * gets every event is checked, else the run fails. Differences under 10 % are noise. In the paced workload the kernel
 * takes a third of the CPU time or more, whoever receives; and who is late gets several events in one read, for less.
 *
 * In the environment: ONLY (bulk or paced), ROUNDS, EVENTS of the bulk, PACED_SECONDS that are measured (after one that
 * is not), LIB (another build of ours, as a file URL). `node --cpu-prof bench/receiver.mjs` profiles the subjects, too.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { printLegend, printTable, printVerdict } from './receiver-report.mjs';
import { subjects } from './receiver-subjects.mjs';
import { chosen } from './receiver-workloads.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const WARM_UP = 1;
/** A subject that takes so long has lost events, and waits for them. */
const DEADLINE_MS = 120_000;

/** @typedef {import('./receiver-report.mjs').WorkloadName} WorkloadName */

/** @param {string} subject @param {WorkloadName} workload @param {number} port */
async function run(subject, workload, port) {
  const child = fork(new URL('./receiver-process.mjs', import.meta.url), [subject, workload, String(port)], {
    timeout: DEADLINE_MS,
    execArgv: [...process.execArgv, '--disable-warning=UNDICI-ES'],
  });
  /** @type {import('./receiver-report.mjs').Result | undefined} */
  let result;
  child.on('message', (message) => {
    result = /** @type {import('./receiver-report.mjs').Result} */ (message);
  });
  const [code, signal] = await once(child, 'close');
  if (!result) throw new Error(`${subject}, ${workload}: no result, and the end by ${signal ?? `code ${code}`}`);
  return result;
}

/** @param {WorkloadName} workload @param {number} port */
async function measure(workload, port) {
  const names = Object.keys(subjects);
  /** @type {import('./receiver-report.mjs').Rounds} */
  const rounds = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const results = new Map();
    const turned = names.map((_name, turn) => String(names[(turn + round) % names.length]));
    for (const subject of turned) results.set(subject, await run(subject, workload, port));
    if (round >= WARM_UP) rounds.push(results);
  }
  return rounds;
}

const server = fork(new URL('./receiver-server.mjs', import.meta.url));
try {
  const [{ port }] = await once(server, 'message');
  /** @type {Map<WorkloadName, import('./receiver-report.mjs').Rounds>} */
  const measured = new Map();
  for (const workload of chosen) {
    measured.set(workload, await measure(workload, port));
    printTable(workload, measured.get(workload) ?? []);
  }
  printLegend();
  printVerdict(measured);
} finally {
  server.disconnect();
}
