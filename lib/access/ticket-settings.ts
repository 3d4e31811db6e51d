import type { SseOptionProblem } from '../protocol/index.js';
import { describe, durationMs, findOptionProblems, isObject, type OptionRules, ofType } from '../protocol/internal.js';
import { MemoryTicketStore } from './memory-ticket-store.js';
import type { SseTicketOptions } from './ticket-options.js';
import { findBasePathProblem } from './ticket-path.js';

/** The options of tickets with every default. */
export type TicketSettings = Required<{ [Name in keyof SseTicketOptions]: NonNullable<SseTicketOptions[Name]> }>;

const PARAMETER = /^[\w-]{1,32}$/;

const TICKET_RULES: OptionRules<SseTicketOptions> = {
  store: (value) =>
    isObject(value) && ['put', 'get', 'take'].every((name) => typeof Reflect.get(value, name) === 'function')
      ? undefined
      : `must be a store with put(), get() and take(), got ${describe(value)}`,
  ttlMs: durationMs({ min: 1000 }),
  sessionMs: durationMs({ min: 1000 }),
  parameter: (value) =>
    typeof value === 'string' && PARAMETER.test(value)
      ? undefined
      : `must be 1 to 32 letters, digits, and _ -, got ${describe(value)}`,
  secure: ofType('boolean'),
  basePath: findBasePathProblem,
  attach: ofType('function'),
};

/** @param options of `forRoot({ tickets })` */
export function findTicketProblems(options: unknown): SseOptionProblem[] {
  return findOptionProblems(options, TICKET_RULES, 'tickets.');
}

export function ticketSettings(options: SseTicketOptions = {}): TicketSettings {
  return {
    store: options.store ?? new MemoryTicketStore(),
    ttlMs: options.ttlMs ?? 30_000,
    sessionMs: options.sessionMs ?? 8 * 3_600_000,
    parameter: options.parameter ?? 'ticket',
    secure: options.secure ?? true,
    basePath: options.basePath ?? '',
    attach: options.attach ?? (() => {}),
  };
}
