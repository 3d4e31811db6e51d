/**
 * The receiving process of receiver.mjs: one subject takes one workload, and what it cost is told to the parent. It
 * counts from when the unmeasured events have passed until the last event is there.
 */
import { subjects } from './receiver-subjects.mjs';
import { DATA, workloadsOf } from './receiver-workloads.mjs';

/** @typedef {{ perSecond: number, cpuMicros: number }} Result `cpuMicros` of the whole process, for one event */

const [subject = '', workload = '', port] = process.argv.slice(2);
const name = /** @type {import('./receiver-workloads.mjs').WorkloadName} */ (workload);
const { streams, events, unmeasured } = workloadsOf(process.env)[name];
const measured = streams * events - unmeasured;

let received = 0;
let begun = 0;
let cpu = process.cpuUsage();
/** @type {Result | undefined} */
let result;

/** What every subject has to do for an event, beside getting it. @param {string} data */
function take(data) {
  if (data.length !== DATA.length) throw new Error(`${subject} got other data than was sent: ${data}`);
  received++;
  if (received === unmeasured) {
    begun = performance.now();
    cpu = process.cpuUsage();
  } else if (received === streams * events) {
    const { user, system } = process.cpuUsage(cpu);
    result = { perSecond: (measured * 1_000) / (performance.now() - begun), cpuMicros: (user + system) / measured };
  }
}

async function follow() {
  let got = 0;
  await subjects[subject]?.(`http://127.0.0.1:${port}/${workload}`, (data) => {
    got++;
    take(data);
  });
  if (got !== events) throw new Error(`${subject}, ${workload}: a stream got ${got} of ${events} events`);
}

process.on('disconnect', () => process.exit(1));
await Promise.all(Array.from({ length: streams }, follow));
process.send?.(result, () => process.exit());
