/**
 * What is sent to, and expected by, the subjects of receiver.mjs. Its processes read this from the environment, which
 * they have in common.
 */

/** The data of every event; with its event name and id an event has about 200 bytes. */
export const DATA = JSON.stringify({ text: 'x'.repeat(150) });
const FRAME = `event: tick\nid: 1234567\ndata: ${DATA}\n\n`;
/** An event as it goes through the socket: an HTTP chunk of its own, as servers write it. */
export const CHUNK = Buffer.from(`${FRAME.length.toString(16)}\r\n${FRAME}\r\n`);
export const EVENT_BYTES = FRAME.length;

/** Events per second of a paced stream. */
export const PER_SECOND = 200;

/**
 * @typedef {'bulk' | 'paced'} WorkloadName
 * @typedef {object} Workload
 * @property {number} streams how many there are at once in the receiving process
 * @property {number} events of each stream
 * @property {number} unmeasured events of all streams together that pass before it counts
 */

const PACED_STREAMS = 50;
/** In these the code of a subject is compiled, as it long is in a process that follows paced streams. */
const PACED_UNMEASURED_SECONDS = 4;
const PACED_SECONDS = Number(process.env.PACED_SECONDS ?? 3);

/** @type {Record<WorkloadName, Workload>} */
export const workloads = {
  // Loading and connecting are not what is measured.
  bulk: { streams: 1, events: Number(process.env.EVENTS ?? 1_000_000), unmeasured: 1 },
  paced: {
    streams: PACED_STREAMS,
    events: Math.ceil(PER_SECOND * (PACED_UNMEASURED_SECONDS + PACED_SECONDS)),
    unmeasured: PACED_STREAMS * PER_SECOND * PACED_UNMEASURED_SECONDS,
  },
};

const { ONLY } = process.env;
if (ONLY !== undefined && !(ONLY in workloads)) throw new Error(`ONLY must be bulk or paced, got ${ONLY}`);

/** Those to be run. */
export const chosen = /** @type {WorkloadName[]} */ (Object.keys(workloads)).filter((name) => name === (ONLY ?? name));

for (const name of chosen) {
  const { streams, events, unmeasured } = workloads[name];
  if (!(streams * events > unmeasured)) throw new Error('EVENTS and PACED_SECONDS must be numbers, and above 1 and 0');
}
