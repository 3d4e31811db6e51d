import {
  assertOptions,
  findOptionProblems,
  type OptionRule,
  type OptionRules,
  ofType,
  oneOf,
} from './check-options.js';
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
   * How many bytes the value of an id line may have, from 1 to 268,435,456 (256 MiB). A block with a longer one is too
   * large. Default: no bound but `maxMessageBytes`.
   */
  readonly maxIdBytes?: number | undefined;
  /**
   * What to do with a block that is too large: `fail`, which throws an SseDecodeError `too-large` and ends the decoding, or
   * `skip`, which goes on with the next block. Default: `fail`.
   *
   * Of a skipped block, the comment, `retry` and id lines count as ever, so that the cursor passes it; an id that is too
   * large itself is ignored, and the one before stays. With `skip`, only data, event and id lines make a block too large:
   * any other line of more than `maxMessageBytes` is dropped alone.
   */
  readonly oversize?: 'fail' | 'skip' | undefined;
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
  /** Called at the blank line of a block that was skipped, where `onMessage` would have been. Only with `oversize: 'skip'`. */
  readonly onSkip?: (() => void) | undefined;
}

/** Options of `new SseDecoder()`. */
export interface SseDecoderOptions extends SseDecodingOptions {
  /** Called for each message, at its blank line. */
  readonly onMessage: (message: ReceivedMessage) => void;
}

/** The options of a decoder when all is decided. */
export interface DecoderSettings extends SseDecoderOptions {
  readonly lastEventId: string;
  readonly maxMessageBytes: number;
  readonly maxIdBytes: number;
  readonly oversize: 'fail' | 'skip';
  readonly detach: boolean;
}

const rules: OptionRules<SseDecoderOptions> = {
  lastEventId: ofType('string'),
  maxMessageBytes: bound,
  maxIdBytes: bound,
  oversize: oneOf('fail', 'skip'),
  detach: ofType('boolean'),
  onComment: ofType('function'),
  onRetry: ofType('function'),
  onId: ofType('function'),
  onSkip: ofType('function'),
  onMessage: ofType('function'),
};

function bound(value: unknown): ReturnType<OptionRule> {
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

/** The options, with their defaults. */
export function withDefaults(options: SseDecoderOptions): DecoderSettings {
  return {
    ...options,
    lastEventId: options.lastEventId ?? '',
    maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    // No line may be as long, so this is no bound.
    maxIdBytes: options.maxIdBytes ?? HIGHEST_MAX_MESSAGE_BYTES,
    oversize: options.oversize ?? 'fail',
    detach: options.detach ?? false,
  };
}
