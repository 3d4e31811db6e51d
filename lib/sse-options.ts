import { findLimitProblems, findTicketProblems, type SseLimitOptions, type SseTicketOptions } from './access/index.js';
import {
  backplane,
  findChannelProblems,
  findCursorProblems,
  findHistoryProblems,
  type SseBackplane,
  type SseChannelOptions,
  type SseCursorOptions,
  type SseHistoryOptions,
} from './channel/index.js';
import { SseOptionsError } from './protocol/index.js';
import {
  assertOptions,
  describe,
  durationMs,
  findOptionProblems,
  isObject,
  type OptionRules,
  ofType,
  oneOf,
} from './protocol/internal.js';
import {
  findStreamOptionProblems,
  type SseShutdownOptions,
  type SseStreamOptions,
  STREAM_OPTION_RULES,
} from './pusher/index.js';
import type { SseSourceOptions } from './sources/index.js';

/** Options of `SseModule`: the defaults of every stream, and what concerns all of them together. */
export interface SseModuleOptions extends SseStreamOptions {
  /** What is kept of channels for those who come back; `false` for nothing. Default: 1000 messages, 1 MiB, 5 minutes. */
  history?: SseHistoryOptions | false;
  /** What holds for every channel and every subscription that does not say otherwise. */
  channels?: SseChannelOptions;
  /** Ids of channel streams that tell nobody how much was published. Default: they can be read. */
  cursor?: SseCursorOptions;
  /** What carries the messages of channels. Default: the memory of this process. */
  backplane?: SseBackplane;
  /** Event streams of other servers, by name, for the methods with `@OnSseEvent()`; connected while the application runs. */
  sources?: Readonly<Record<string, SseSourceOptions>>;
  /** How pages open streams with `SseTickets`, instead of a header that `EventSource` cannot send. */
  tickets?: SseTicketOptions;
  /** How many streams there may be at once: of all, of each user or address, and under load. Default: no limits. */
  limits?: SseLimitOptions;
  /** What happens to streams, and to requests for new ones, while the application closes. */
  shutdown?: SseShutdownOptions;
  /**
   * Whether Nest's HTTP adapter is kept from replying to a response that a stream has taken. Without the guard, handlers
   * of streams never settle for interceptors. Default true.
   */
  guardReplies?: boolean;
  /** Whether all modules can inject what this one exports. `forRootAsync()` takes it beside the factory. Default true. */
  isGlobal?: boolean;
}

/** What `SseModule` takes: options, or just the ping interval in milliseconds. */
export type SseModuleInput = number | SseModuleOptions;

/** Makes the options of an application out of what is injected, for `forRootAsync({ useClass })`. */
export interface SseOptionsFactory {
  /** Called once, when the application starts. */
  createSseOptions(): SseModuleInput | Promise<SseModuleInput>;
}

const SHUTDOWN_RULES: OptionRules<SseShutdownOptions> = {
  spreadMs: durationMs(),
  refuseWith: oneOf('reconnect', 'status'),
  deadlineMs: durationMs(),
};

const MODULE_RULES: OptionRules<SseModuleOptions> = {
  ...STREAM_OPTION_RULES,
  // These have rules of their own.
  history: () => undefined,
  channels: () => undefined,
  cursor: () => undefined,
  limits: () => undefined,
  shutdown: () => undefined,
  tickets: () => undefined,
  // Checked when those of all modules are known.
  sources: () => undefined,
  backplane,
  guardReplies: ofType('boolean'),
  isGlobal: ofType('boolean'),
};

/**
 * The options as an object, all of them checked.
 *
 * @throws SseOptionsError that names every problem
 */
export function toModuleOptions(input: SseModuleInput = {}): SseModuleOptions {
  const options = typeof input === 'number' ? { pingMs: input } : input;
  if (!isObject(options)) {
    const problem = `must be an object, or a number (the ping interval in milliseconds), got ${describe(options)}`;
    throw new SseOptionsError([{ option: 'options', problem }]);
  }
  const { shutdown = {}, history = {}, channels = {}, tickets = {}, limits = {}, cursor } = options;
  assertOptions([
    ...findStreamOptionProblems(options, MODULE_RULES),
    ...findLimitProblems(limits, typeof options.keys === 'function'),
    ...findOptionProblems(shutdown, SHUTDOWN_RULES, 'shutdown.'),
    ...findHistoryProblems(history),
    ...findChannelProblems(channels),
    ...findTicketProblems(tickets),
    ...(cursor === undefined ? [] : findCursorProblems(cursor)),
  ]);
  return options;
}

/** Those of the options that are the defaults of every stream. */
export function streamOptionsIn(options: SseModuleOptions): SseStreamOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(STREAM_OPTION_RULES, name)));
}
