import type { SseOptionProblem } from '../protocol/index.js';
import { describe, findOptionProblems, isObject, type OptionRules, ofType } from '../protocol/internal.js';
import type { ApiSseStreamOptions } from './api-sse-stream-options.js';

const RULES: OptionRules<ApiSseStreamOptions> = {
  events: (value) =>
    isObject(value) && Object.keys(value).length > 0
      ? undefined
      : `must be an object with at least one event, got ${describe(value)}`,
  description: ofType('string'),
  name: (value) =>
    /^[\w.-]+$/.test(String(value)) ? undefined : `must be of A-Z, a-z, 0-9, '.', '-' and '_', got ${describe(value)}`,
  lastEventId: ofType('boolean'),
  ends: ofType('boolean'),
};

export function findApiProblems(options: ApiSseStreamOptions): SseOptionProblem[] {
  const problems = findOptionProblems(options, RULES);
  for (const [event, data] of Object.entries(options.events ?? {})) {
    const [type] = Array.isArray(data) ? data : [data];
    if (typeof type !== 'function' && (Array.isArray(data) || !isObject(type))) {
      // Files that import each other have nothing yet of what the other one exports.
      const problem = `must be a class, or what @ApiProperty() takes as { type: () => OrderDto }, got ${describe(type)}`;
      problems.push({ option: `events.${event}`, problem });
    }
  }
  return problems;
}
