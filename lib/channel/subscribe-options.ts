import type { SseOptionProblem } from '../protocol/index.js';
import {
  count,
  either,
  findOptionProblems,
  type OptionRule,
  type OptionRules,
  ofType,
  oneOf,
} from '../protocol/internal.js';
import type { PublishedMessage, SseSnapshot } from './channel-message.js';

/** Told to `snapshot`. */
export interface SseSnapshotContext {
  /** `first`: a new subscriber; `gap`: one that has missed what is kept no more. */
  readonly reason: 'first' | 'gap';
  readonly channel: string;
}

/** What a subscriber wants of its channels. */
export interface SseSubscribeOptions {
  /**
   * How many of the newest messages, over all of its channels, a first connect begins with. Default 0. Whoever comes back
   * with a `Last-Event-ID` gets what it has missed instead.
   */
  replay?: number | 'all';
  /**
   * Names of the events to deliver, or a function that decides. It is called once per message for all subscribers that were
   * given the same function, and must do nothing else.
   */
  filter?: readonly string[] | ((message: PublishedMessage) => boolean);
  /**
   * For subscribers that have fallen behind, or come back: of the messages of a channel for which this gives the same key,
   * only the newest is delivered; those with `undefined` all are. What the publisher gave as `key` is `message.key`.
   */
  conflateBy?: (message: PublishedMessage) => string | undefined;
  /**
   * Gives the present state of a channel, for a subscriber that starts or has missed something; its changes follow. The
   * position is taken before it is called, so nothing is lost; a change that the state holds already may come again, unless
   * the snapshot is `{ message, position }`, with the id that `publish()` gave for the newest change that is in the state.
   */
  snapshot?: (context: SseSnapshotContext) => SseSnapshot | Promise<SseSnapshot>;
  /** Whether broadcasts are delivered as well. Default true. */
  broadcast?: boolean;
  /** Where to go on; by default what the client of the stream has sent. */
  lastEventId?: string;
  /** Name of the event that tells of lost messages. Default `gap`. */
  gapEvent?: string;
  /**
   * Name of an event that tells the stream's position, for clients that ignore an id without an event. By default positions
   * that no message brings are sent as a bare `id`, which browsers take note of.
   */
  positionEvent?: string;
}

/** The module option `channels`: what holds for every subscription that does not say otherwise, and for every channel. */
export interface SseChannelOptions extends Pick<SseSubscribeOptions, 'broadcast' | 'gapEvent' | 'positionEvent'> {
  /** Milliseconds for which the end of a closed channel is remembered. Default 300 000, five minutes. */
  tombstoneMs?: number;
}

const eventName: OptionRule = (value) =>
  typeof value === 'string' && /^[^\r\n]+$/.test(value) && value.isWellFormed()
    ? undefined
    : 'must be the name of an event, a non-empty string without line breaks';

const names: OptionRule = (value) =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')
    ? undefined
    : 'must be a function, or an array of event names';

/** The rules that a subscription shares with the module. */
export const COMMON_RULES: OptionRules<Pick<SseSubscribeOptions, 'broadcast' | 'gapEvent' | 'positionEvent'>> = {
  broadcast: ofType('boolean'),
  gapEvent: eventName,
  positionEvent: eventName,
};

const SUBSCRIBE_RULES: OptionRules<SseSubscribeOptions> = {
  ...COMMON_RULES,
  replay: either(count(), oneOf('all')),
  filter: either(names, ofType('function')),
  conflateBy: ofType('function'),
  snapshot: ofType('function'),
  lastEventId: ofType('string'),
};

export function findSubscribeProblems(options: SseSubscribeOptions): SseOptionProblem[] {
  const problems = findOptionProblems(options, SUBSCRIBE_RULES);
  if (options?.replay !== undefined && options.snapshot !== undefined) {
    problems.push({ option: 'replay', problem: "cannot be combined with 'snapshot', which takes its place" });
  }
  return problems;
}
