import { type ReceivedMessage, SseDecoder } from '../protocol/index.js';
import { HIGHEST_MAX_MESSAGE_BYTES } from '../protocol/internal.js';
import type { BodyPart, SharedStream, StreamTenant } from '../pusher/internal.js';

/** A stream without a response, whose messages are taken out by a loop: it is full until the loop has taken all. */
export class IteratedStream implements SharedStream, AsyncIterator<ReceivedMessage> {
  readonly info = undefined;
  readonly resumeFrom = undefined;
  state: SharedStream['state'] = 'pending';
  bufferedBytes = 0;
  #messages: ReceivedMessage[] = [];
  #taken = 0;
  readonly #waiting: PromiseWithResolve[] = [];
  readonly #decoder: SseDecoder;
  #tenant: StreamTenant | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(
    readonly settings: SharedStream['settings'],
    lastEventId: string | undefined,
  ) {
    this.#decoder = new SseDecoder({
      onMessage: (message) => this.#messages.push(message),
      maxMessageBytes: HIGHEST_MAX_MESSAGE_BYTES,
      ...(lastEventId === undefined ? {} : { lastEventId }),
    });
  }

  get full(): boolean {
    return this.#taken < this.#messages.length;
  }

  open(): void {
    if (this.state === 'pending') {
      this.state = 'open';
    }
  }

  writeShared({ bytes }: BodyPart): void {
    if (this.state === 'closed') {
      return;
    }
    this.#decoder.push(bytes);
    this.bufferedBytes += bytes.length;
    while (this.full && this.#waiting.length > 0) {
      this.#waiting.shift()!.resolve({ done: false, value: this.#take() });
    }
  }

  answerNoContentAtEnd(): void {}

  turnAway(): boolean {
    return false;
  }

  letTo(tenant: StreamTenant): boolean {
    this.#tenant = tenant;
    return true;
  }

  vacate(): void {
    this.#tenant = undefined;
  }

  async next(): Promise<IteratorResult<ReceivedMessage>> {
    if (!this.full && this.state !== 'closed') {
      this.#tenant?.onWritable();
    }
    if (this.full) {
      return { done: false, value: this.#take() };
    }
    if (this.#failure) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
    if (this.state === 'closed') {
      return { done: true, value: undefined };
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async return(): Promise<IteratorResult<ReceivedMessage>> {
    this.#messages = [];
    this.#taken = 0;
    this.end();
    return { done: true, value: undefined };
  }

  /** Nothing more comes; what has come already can still be taken. */
  end(failure?: { readonly error: unknown }): void {
    if (this.state === 'closed') {
      return;
    }
    this.state = 'closed';
    const [first, ...others] = this.#waiting.splice(0);
    if (failure && first) {
      first.reject(failure.error);
    } else {
      this.#failure = failure;
      first?.resolve({ done: true, value: undefined });
    }
    for (const other of others) {
      other.resolve({ done: true, value: undefined });
    }
    this.#tenant?.onClosed();
  }

  #take(): ReceivedMessage {
    const message = this.#messages[this.#taken++]!;
    if (!this.full) {
      this.#messages = [];
      this.#taken = 0;
      this.bufferedBytes = 0;
    }
    return message;
  }
}

interface PromiseWithResolve {
  resolve(result: IteratorResult<ReceivedMessage>): void;
  reject(error: unknown): void;
}
