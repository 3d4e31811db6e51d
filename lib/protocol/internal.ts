// For the other rooms of this package; not part of what it exports.

export {
  assertOptions,
  count,
  describe,
  durationMs,
  either,
  findOptionProblems,
  isObject,
  MAX_TIMER_MS,
  type OptionRule,
  type OptionRules,
  ofType,
  oneOf,
} from './check-options.js';
export { HIGHEST_MAX_MESSAGE_BYTES } from './decoder-options.js';
export { formatFields } from './format-message.js';
export { REPLACED_ID } from './last-event-id.js';
export { readFields } from './message-fields.js';
export { PROBE_EVENTS } from './probe-events.js';
export { SSE_ERROR_BRAND } from './sse-error.js';
