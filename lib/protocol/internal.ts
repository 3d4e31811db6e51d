// For the other rooms of this package; not part of what it exports.

export {
  assertOptions,
  count,
  describe,
  durationMs,
  either,
  findOptionProblems,
  MAX_TIMER_MS,
  type OptionRule,
  type OptionRules,
  ofType,
  oneOf,
} from './check-options.js';
export { SSE_ERROR_BRAND } from './sse-error.js';
