import { assertOptions, findOptionProblems, type OptionRule, type OptionRules, ofType } from './check-options.js';
import type { ReceivedMessage } from './received-message.js';

const MEBIBYTE = 1024 * 1024;
const DEFAULT_MAX_MESSAGE_BYTES = 16 * MEBIBYTE;
/** About half of the longest string that V8 can hold. */
export const HIGHEST_MAX_MESSAGE_BYTES = 256 * MEBIBYTE;

/** What a decoder can be told, whoever gets the messages. */
export interface SseDecodingOptions {
  /** The cursor to start with: what the request sent as `Last-Event-ID`. Default: the empty string. */
  readonly lastEventId?: string | undefined;
  /**
   * How many bytes a message may have, from 1 to 268,435,456 (256 MiB); default 16,777,216 (16 MiB). Counted are the data,
   * event and id lines of a block together, and any line by itself.
   */
  readonly maxMessageBytes?: number | undefined;
  /**
   * Gives each message text of its own. By default it may share memory with the whole chunk that it came in, so that a
   * short message that is kept for long keeps all of its chunk. Default: false.
   */
  readonly detach?: boolean | undefined;
  /** Called for each comment line, with its text less one leading space. Pings are comments. */
  readonly onComment?: ((text: string) => void) | undefined;
  /** Called at a `retry:` line, before its block ends, with milliseconds from 0 to 2^31-1. */
  readonly onRetry?: ((ms: number) => void) | undefined;
  /** Called at the blank line of a block with an id, with data or without, before `onMessage`. */
  readonly onId?: ((id: string) => void) | undefined;
}

/** Options of `new SseDecoder()`. */
export interface SseDecoderOptions extends SseDecodingOptions {
  /** Called for each message, at its blank line. */
  readonly onMessage: (message: ReceivedMessage) => void;
}

const rules: OptionRules<SseDecoderOptions> = {
  lastEventId: ofType('string'),
  maxMessageBytes: messageBound,
  detach: ofType('boolean'),
  onComment: ofType('function'),
  onRetry: ofType('function'),
  onId: ofType('function'),
  onMessage: ofType('function'),
};

function messageBound(value: unknown): ReturnType<OptionRule> {
  const fits = Number.isInteger(value) && (value as number) >= 1 && (value as number) <= HIGHEST_MAX_MESSAGE_BYTES;
  return fits
    ? undefined
    : `must be a whole number of bytes from 1 to ${HIGHEST_MAX_MESSAGE_BYTES}, got ${String(value)}`;
}

/** Throws an SseOptionsError that names every option that cannot be used. */
export function checkDecoderOptions(options: SseDecoderOptions): void {
  const problems = findOptionProblems(options, rules);
  if (options?.onMessage === undefined) problems.push({ option: 'onMessage', problem: 'must be a function' });
  assertOptions(problems);
}

export function maxMessageBytesOf({ maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES }: SseDecodingOptions): number {
  return maxMessageBytes;
}
