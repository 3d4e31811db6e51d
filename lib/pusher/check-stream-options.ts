import { validateHeaderName, validateHeaderValue } from 'node:http';
import { formatMessage, type SseMessage, type SseOptionProblem } from '../protocol/index.js';
import {
  count,
  durationMs,
  either,
  findOptionProblems,
  type OptionRule,
  type OptionRules,
  ofType,
  oneOf,
} from '../protocol/internal.js';
import { findReauthorizeProblems } from './check-reauthorize.js';
import { WRITE_BYTES } from './outbox.js';
import type { SseStreamOptions } from './stream-options.js';

/** The rule of each stream option, shared by the module's defaults and a route's own options. */
export const STREAM_OPTION_RULES: OptionRules<SseStreamOptions> = {
  pingMs: durationMs(),
  ping: message,
  retryMs: either(durationMs(), oneOf(false)),
  headers,
  closeMessage: message,
  onEnd: oneOf('reconnect', 'stop'),
  openAfterMs: either(durationMs(), oneOf('first-message')),
  maxBufferedBytes: count({ min: WRITE_BYTES }),
  writeTimeoutMs: durationMs(),
  maxAgeMs: durationMs(),
  maxLastEventIdBytes: count(),
  requireAccept: ofType('boolean'),
  directWrites: ofType('boolean'),
  keys: ofType('function'),
  // Has rules of its own.
  reauthorize: () => undefined,
  serialize: ofType('function'),
  onError: ofType('function'),
  onOpen: ofType('function'),
  onClose: ofType('function'),
};

/** @param rules that go beyond those of a stream, where the options have more to say */
export function findStreamOptionProblems<Options extends SseStreamOptions>(
  options: unknown,
  rules: OptionRules<Options> = STREAM_OPTION_RULES as OptionRules<Options>,
): SseOptionProblem[] {
  const problems = findOptionProblems(options, rules);
  const { onEnd, closeMessage, retryMs, reauthorize } = (options ?? {}) as SseStreamOptions;
  problems.push(...findReauthorizeProblems(reauthorize));
  if (typeof retryMs === 'number' && !Number.isInteger(retryMs)) {
    problems.push({ option: 'retryMs', problem: 'must be a whole number of milliseconds' });
  }
  if (onEnd === 'stop' && typeof closeMessage === 'object' && closeMessage?.id !== undefined) {
    problems.push({ option: 'closeMessage', problem: "must have no id with onEnd 'stop', which sets a terminal id" });
  }
  return problems;
}

function message(value: unknown): string | undefined {
  try {
    formatMessage(value as SseMessage);
    return undefined;
  } catch (error) {
    return `must be a message that can be sent: ${(error as Error).message}`;
  }
}

function headers(value: unknown): ReturnType<OptionRule> {
  if (typeof value !== 'object' || value === null) {
    return 'must be an object of header names and values';
  }
  try {
    for (const [name, content] of Object.entries(value)) {
      validateHeaderName(name);
      for (const part of Array.isArray(content) ? content : [content]) {
        if (typeof part !== 'string') {
          return `must have strings as values, '${name}' has not`;
        }
        validateHeaderValue(name, part);
      }
    }
    return undefined;
  } catch (error) {
    return `must be valid HTTP headers: ${(error as Error).message}`;
  }
}
