import { SseDecoder } from '../protocol/index.js';
import { HIGHEST_MAX_MESSAGE_BYTES } from '../protocol/internal.js';
import type { PublishedMessage } from './channel-message.js';

/** One message in the log of a channel. Its frame is encoded once, and parsed once for all who look at it in a turn. */
export class LogEntry {
  /** Kept for as long as somebody looks at it: for good, it would take more memory than the bounds of history know of. */
  #parsed: WeakRef<ParsedMessage> | undefined;

  /**
   * @param frame as it goes out, its id first
   * @param bytes of the frame
   * @param end bytes of all the frames that the log ever had, up to and with this one
   * @param at when it came, in milliseconds of `performance.now()`
   */
  constructor(
    readonly seq: number,
    readonly frame: string,
    readonly bytes: number,
    readonly end: number,
    readonly at: number,
    readonly key: string | undefined,
  ) {}

  /** The frame with another id line, or with none. */
  frameWith(idLine: string): string {
    return idLine + this.frame.slice(this.frame.indexOf('\n') + 1);
  }

  parsedFor(channel: string): PublishedMessage {
    let parsed = this.#parsed?.deref();
    if (!parsed) {
      parsed = new ParsedMessage(channel, this.frame, this.key);
      this.#parsed = new WeakRef(parsed);
    }
    return parsed;
  }
}

class ParsedMessage implements PublishedMessage {
  readonly event: string = 'message';
  readonly data: string = '';
  #json: { readonly value: unknown } | undefined;

  constructor(
    readonly channel: string,
    frame: string,
    readonly key: string | undefined,
  ) {
    let event = this.event;
    let data = this.data;
    const decoder = new SseDecoder({
      onMessage: (message) => {
        ({ event, data } = message);
      },
      maxMessageBytes: HIGHEST_MAX_MESSAGE_BYTES,
    });
    decoder.push(Buffer.from(frame));
    this.event = event;
    this.data = data;
  }

  json<T>(): T {
    this.#json ??= { value: JSON.parse(this.data) };
    return this.#json.value as T;
  }
}
