import { MAX_TIMER_MS } from './check-options.js';
import { messageTooLarge } from './decode.error.js';
import { afterColon, valueStart } from './field-name.js';
import type { LineSink } from './line-scanner.js';
import { detached, type LineText } from './line-text.js';
import { PendingData } from './pending-data.js';
import { ReceivedMessage } from './received-message.js';

/** What the lines of a stream lead to. */
export interface EventHandlers {
  readonly onMessage: (message: ReceivedMessage) => void;
  readonly onComment?: ((text: string) => void) | undefined;
  readonly onRetry?: ((ms: number) => void) | undefined;
  readonly onId?: ((id: string) => void) | undefined;
}

/** Interprets the lines of a stream, block by block. WHATWG HTML, section 9.2.6. */
export class EventBlock implements LineSink {
  stopped = false;
  lastEventId: string;
  /** What handlers threw. It is kept for later, so that the lines that follow are read all the same. */
  readonly handlerErrors: unknown[] = [];
  readonly #handlers: EventHandlers;
  readonly #maxBytes: number;
  readonly #data = new PendingData();
  #lines!: LineText;
  #event = '';
  #id: string | undefined;
  #dataBytes = 0;
  #eventBytes = 0;
  #idBytes = 0;

  constructor(handlers: EventHandlers, maxBytes: number, lastEventId: string) {
    this.#handlers = handlers;
    this.#maxBytes = maxBytes;
    this.lastEventId = lastEventId;
  }

  /** Bytes of the lines that wait for the blank line, and that the end of the stream would discard. */
  get pendingBytes(): number {
    return this.#dataBytes + this.#eventBytes + this.#idBytes;
  }

  /** Throws if a line of `length` bytes is too much for what the block holds already. */
  checkBound(length: number): void {
    if (this.pendingBytes + length > this.#maxBytes) throw messageTooLarge(this.#maxBytes);
  }

  /** Says which text the positions of the next lines mean. */
  read(lines: LineText): void {
    this.#lines = lines;
  }

  line(start: number, end: number): void {
    this.checkBound(end - start);
    const { text } = this.#lines;
    switch (text[start]) {
      case 'd':
        this.#dataLine(valueStart(text, 'data', start), start, end);
        return;
      case 'e':
        this.#eventLine(valueStart(text, 'event', start), start, end);
        return;
      case 'i':
        this.#idLine(valueStart(text, 'id', start), start, end);
        return;
      case 'r':
        this.#retryLine(valueStart(text, 'retry', start), end);
        return;
      case ':':
        this.#comment(afterColon(text, start), end);
    }
  }

  blankLine(): void {
    if (this.pendingBytes === 0) return;
    const id = this.#id;
    const event = this.#event;
    const data = this.#data.take();
    this.#reset();
    if (id !== undefined) this.#commit(id);
    if (data !== undefined && !this.stopped) {
      this.#call(this.#handlers.onMessage, new ReceivedMessage(event || 'message', data, this.lastEventId, id));
    }
  }

  /** Copies what must outlive the present chunk out of its text. */
  settle(): void {
    this.#data.settle();
    this.#event = detached(this.#event);
    if (this.#id !== undefined) this.#id = detached(this.#id);
    this.lastEventId = detached(this.lastEventId);
  }

  #dataLine(value: number, start: number, end: number): void {
    if (value === -1) return;
    this.#data.add(this.#lines.value(value, end));
    this.#dataBytes += end - start + 1;
  }

  #eventLine(value: number, start: number, end: number): void {
    if (value === -1) return;
    this.#event = this.#lines.value(value, end);
    this.#eventBytes = end - start;
  }

  #idLine(value: number, start: number, end: number): void {
    if (value === -1) return;
    const id = this.#lines.value(value, end);
    if (id.includes('\0')) return;
    this.#id = id;
    this.#idBytes = end - start;
  }

  #retryLine(value: number, end: number): void {
    if (value === -1 || this.#handlers.onRetry === undefined) return;
    const digits = this.#lines.value(value, end);
    if (/^[0-9]+$/.test(digits)) this.#call(this.#handlers.onRetry, Math.min(Number(digits), MAX_TIMER_MS));
  }

  #comment(value: number, end: number): void {
    if (this.#handlers.onComment !== undefined) this.#call(this.#handlers.onComment, this.#lines.value(value, end));
  }

  #commit(id: string): void {
    this.lastEventId = id;
    if (this.#handlers.onId !== undefined) this.#call(this.#handlers.onId, id);
  }

  #call<T>(handler: (value: T) => void, value: T): void {
    try {
      handler(value);
    } catch (error) {
      this.handlerErrors.push(error);
    }
  }

  #reset(): void {
    this.#event = '';
    this.#id = undefined;
    this.#dataBytes = 0;
    this.#eventBytes = 0;
    this.#idBytes = 0;
  }
}
