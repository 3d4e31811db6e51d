import { type ReceivedMessage, SseDecoder } from '../protocol/index.js';

/** How many of the last messages and comments are told to whoever waits in vain. */
const TOLD = 5;

/** How much of a message's data is told. */
const TOLD_CHARACTERS = 200;

/** What was received of one stream so far. */
export class StreamRecord {
  readonly messages: ReceivedMessage[] = [];
  readonly comments: string[] = [];
  /** What the server has asked for last, in milliseconds. */
  retryMs: number | undefined;
  text = '';
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #decoder: SseDecoder;

  /** @param onMessage called for each message, after it was noted */
  constructor(lastEventId = '', onMessage: (message: ReceivedMessage) => void = () => {}) {
    this.#decoder = new SseDecoder({
      lastEventId,
      onMessage: (message) => {
        this.messages.push(message);
        onMessage(message);
      },
      onComment: (comment) => this.comments.push(comment),
      onRetry: (retryMs) => {
        this.retryMs = retryMs;
      },
    });
  }

  get lastEventId(): string {
    return this.#decoder.lastEventId;
  }

  /** Comments that are what a stream sends by default when it is silent. */
  get pings(): number {
    return this.comments.filter((comment) => comment === 'ping').length;
  }

  /** The next bytes of an event stream. */
  push(bytes: Uint8Array): void {
    this.note(bytes);
    this.#decoder.push(bytes);
  }

  /** The next bytes of what is no event stream. */
  note(bytes: Uint8Array): void {
    this.text += this.#utf8.decode(bytes, { stream: true });
  }

  /** In words. */
  describe(): string {
    const { messages, comments } = this;
    const told = messages.slice(-TOLD).map(({ event, data, id }) => {
      return `${id === undefined ? '' : `${id} `}${event}: ${data.slice(0, TOLD_CHARACTERS)}`;
    });
    return [
      ...listed('message', messages.length, told),
      ...listed('comment', comments.length, comments.slice(-TOLD)),
      ...(messages.length + comments.length === 0 ? ['no message and no comment'] : []),
    ].join('; ');
  }
}

function listed(what: string, count: number, last: readonly string[]): string[] {
  if (count === 0) {
    return [];
  }
  const all = last.map((each) => JSON.stringify(each)).join(', ');
  return [`${count} ${what}${count === 1 ? '' : 's'}, ${last.length < count ? 'the last ones ' : ''}${all}`];
}
