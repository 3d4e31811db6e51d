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

/**
 * @param {Record<string, string | undefined>} environment EVENTS of the bulk, and the seconds of the paced streams:
 *   PACED_SECONDS that count, after PACED_WARM_UP_SECONDS in which the code of a subject is compiled, as it long is in a
 *   process that follows paced streams
 * @returns {Record<WorkloadName, Workload>}
 */
export function workloadsOf({ EVENTS, PACED_SECONDS, PACED_WARM_UP_SECONDS }) {
  const [events, seconds, warmUp] = [EVENTS, PACED_SECONDS, PACED_WARM_UP_SECONDS].map((value) => Number(value ?? 1));
  return {
    // Loading and connecting are not what is measured.
    bulk: { streams: 1, events: Number(events), unmeasured: 1 },
    paced: {
      streams: PACED_STREAMS,
      events: Math.ceil(PER_SECOND * (Number(warmUp) + Number(seconds))),
      unmeasured: Math.ceil(PACED_STREAMS * PER_SECOND * Number(warmUp)),
    },
  };
}
