import type { SseOptionProblem } from '../protocol/index.js';
import {
  assertOptions,
  count,
  durationMs,
  findOptionProblems,
  type OptionRules,
  ofType,
} from '../protocol/internal.js';
import { isControl } from './channel-name.js';

/** How much of a channel is kept for those who come back: whichever bound is reached first counts. */
export interface SseChannelHistory {
  /** Messages. Default 1000. */
  events?: number;
  /** Bytes of their frames. Default 1 MiB. */
  bytes?: number;
  /** Their age in milliseconds. Default 300 000, five minutes. */
  ageMs?: number;
}

/** The module option `history`. */
export interface SseHistoryOptions extends SseChannelHistory {
  /**
   * Memory for the history of all channels together, in bytes: of the messages, and a fixed part for each. Beyond it, those
   * channels lose theirs first that have been quiet the longest. Default 128 MiB.
   */
  totalBytes?: number;
  /** What is different for some channels: bounds, or `false` for no history; asked when a channel comes to be. */
  perChannel?: (channel: string) => SseChannelHistory | false | undefined;
}

export type HistoryLimits = Readonly<Required<SseChannelHistory>>;

const DEFAULTS: HistoryLimits & { readonly totalBytes: number } = {
  events: 1000,
  bytes: 1024 * 1024,
  ageMs: 300_000,
  totalBytes: 128 * 1024 * 1024,
};

const CHANNEL_RULES: OptionRules<SseChannelHistory> = { events: count(), bytes: count(), ageMs: durationMs() };

const HISTORY_RULES: OptionRules<SseHistoryOptions> = {
  ...CHANNEL_RULES,
  totalBytes: count(),
  perChannel: ofType('function'),
};

export function findHistoryProblems(history: unknown): SseOptionProblem[] {
  return history === false ? [] : findOptionProblems(history, HISTORY_RULES, 'history.');
}

/** How much is kept of which channel. */
export class HistoryPolicy {
  readonly totalBytes: number;
  readonly #limits: HistoryLimits;
  readonly #perChannel: SseHistoryOptions['perChannel'];

  constructor(history: SseHistoryOptions | false = {}) {
    const { totalBytes, perChannel, ...limits } = history === false ? NOTHING : history;
    this.totalBytes = totalBytes ?? DEFAULTS.totalBytes;
    this.#limits = withDefaults(DEFAULTS, limits);
    this.#perChannel = perChannel;
  }

  /** @throws SseOptionsError when `perChannel` gives what is no history, and whatever it throws itself */
  limitsOf(channel: string): HistoryLimits {
    if (isControl(channel)) {
      // What users keep of their messages says nothing about how long an instance may be away.
      return DEFAULTS;
    }
    const own = this.#perChannel?.(channel);
    if (own === undefined) {
      return this.#limits;
    }
    const path = `history.perChannel(${JSON.stringify(channel)})`;
    assertOptions(own === false ? [] : findOptionProblems(own, CHANNEL_RULES, `${path}.`));
    return withDefaults(this.#limits, own === false ? NOTHING : own);
  }
}

/** Nothing is kept once everybody was offered it; for how long positions are known stays as it is. */
const NOTHING: SseHistoryOptions = { events: 0 };

function withDefaults(defaults: HistoryLimits, { events, bytes, ageMs }: SseChannelHistory): HistoryLimits {
  return { events: events ?? defaults.events, bytes: bytes ?? defaults.bytes, ageMs: ageMs ?? defaults.ageMs };
}
