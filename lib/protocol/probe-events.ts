/** Names of the two events of a buffering probe. */
export const PROBE_EVENTS = Object.freeze({ first: 'probe-first', last: 'probe-last' });
