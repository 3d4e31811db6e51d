import { types } from 'node:util';
import { ByteOrderMark } from './byte-order-mark.js';
import { CR, LF } from './bytes.js';
import { CarryBuffer } from './carry-buffer.js';
import { SseDecodeError } from './decode.error.js';
import { checkDecoderOptions, type SseDecoderOptions, withDefaults } from './decoder-options.js';
import { EventBlock } from './event-block.js';
import { afterFirstLineEnd, afterLastLineEnd } from './line-end.js';
import { TELLING_BYTES } from './message-field.js';

/** Up to this size it is cheaper to copy a chunk behind what is carried than to read the two apart. */
const SMALL = 2048;

/**
 * Decodes the bytes of one event stream, however they are cut. WHATWG HTML, sections 9.2.5 and 9.2.6.
 *
 * A decoder serves one connection: make a new one, with the last `lastEventId`, when you reconnect. It takes linear time
 * and holds no more than a small multiple of `maxMessageBytes`.
 *
 * A handler that throws does not disturb it: the chunk is decoded to its end, every handler is called as usual, and then
 * `push()` throws what the handler threw (an AggregateError if several did). A handler may call `stop()`, and gets nothing
 * more then, but neither `push()` nor `end()`.
 *
 * @example
 * const decoder = new SseDecoder({ onMessage: (message) => console.log(message.event, message.data) });
 * for await (const bytes of response.body!) decoder.push(bytes);
 * const { cutOff } = decoder.end();
 */
export class SseDecoder {
  readonly #block: EventBlock;
  readonly #carry = new CarryBuffer();
  readonly #mark = new ByteOrderMark();
  #afterCr = false;
  /** Whether the bytes that come belong to a line that is too long to be kept. */
  #isDropping = false;
  #failure: unknown;
  #busy = false;
  #ended = false;

  /** @throws SseOptionsError when an option cannot be used */
  constructor(options: SseDecoderOptions) {
    checkDecoderOptions(options);
    this.#block = new EventBlock(withDefaults(options));
  }

  /** The cursor: the id of the last finished block that had one, at first the one given; what `Last-Event-ID` should say. */
  get lastEventId(): string {
    return this.#block.lastEventId;
  }

  /**
   * Decodes the next bytes of the stream and calls the handlers for what they complete. The bytes are not kept. Does nothing
   * after `stop()`.
   *
   * @throws SseDecodeError `too-large` when a message is larger than `maxMessageBytes`, or its id than `maxIdBytes`,
   * unless `oversize` is `skip`: what came before it has been delivered, nothing will be after it, and every later push
   * throws the same error; `ended` after `end()`; `reentrant` within a handler; `not-bytes`
   * @throws whatever a handler threw
   */
  push(bytes: Uint8Array): void {
    if (this.#block.stopped) return;
    const chunk = this.#admit(bytes);
    this.#busy = true;
    try {
      this.#decode(chunk);
    } catch (failure) {
      this.#failure = failure;
      this.#carry.clear();
      this.#block.handlers.errors.push(failure);
    } finally {
      this.#busy = false;
    }
    this.#throwErrors();
  }

  /**
   * Says that the stream has ended. What is unfinished is discarded: an event without its blank line is never delivered.
   *
   * @returns whether something was discarded, that is, whether the stream was cut off; false after `stop()`
   * @throws SseDecodeError `reentrant` within a handler
   */
  end(): { readonly cutOff: boolean } {
    if (this.#busy) throw reentrant('end');
    this.#ended = true;
    const unfinished = this.#carry.length > 0 || this.#isDropping || this.#mark.isPartial || this.#block.isOpen;
    return { cutOff: !this.#block.stopped && (unfinished || this.#failure !== undefined) };
  }

  /** Stops at once: no handler is called any more, not even for what has been pushed already. For good, and idempotent. */
  stop(): void {
    this.#block.stopped = true;
    if (!this.#busy) this.#carry.clear();
  }

  #admit(bytes: Uint8Array): Buffer {
    if (this.#busy) throw reentrant('push');
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#ended) throw new SseDecodeError('ended', 'push() after end(): use a new SseDecoder for each connection');
    if (Buffer.isBuffer(bytes)) return bytes;
    if (types.isUint8Array(bytes)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    throw new SseDecodeError(
      'not-bytes',
      `push() takes a Uint8Array, not a ${typeof bytes}; set no encoding on the source`,
    );
  }

  #decode(chunk: Buffer): void {
    let start = this.#skipLf(chunk, this.#mark.skip(chunk, this.#carry));
    const hasCr = chunk.indexOf(CR, start) !== -1;
    const end = hasCr ? afterLastLineEnd(chunk, start) : Math.max(chunk.lastIndexOf(LF) + 1, start);
    if (this.#isDropping) start = this.#skipDropped(chunk, start, end);
    if (end > start && chunk.length <= SMALL && (this.#carry.length > 0 || end < chunk.length)) {
      this.#readSmall(chunk, start, end, hasCr);
      return;
    }
    if (end > start) this.#readLines(chunk, start, end, hasCr);
    if (this.#finish() && end < chunk.length) this.#keepTail(chunk, end);
  }

  /** Reads the lines of a chunk that does not only hold whole ones: all of it is carried, and read there. */
  #readSmall(chunk: Buffer, start: number, end: number, hasCr: boolean): void {
    const carry = this.#carry;
    carry.append(chunk, start, chunk.length);
    const tail = carry.end - (chunk.length - end);
    this.#scan(carry.bytes, carry.start, tail, hasCr);
    if (!this.#finish()) return;
    carry.dropBefore(tail);
    if (carry.length === 0) return;
    this.#afterCr = false;
    if (this.#block.takes(carry.length)) return;
    this.#isDropping = true;
    this.#dropCarried();
  }

  /** Reads the lines of `chunk` from `start` to `end`, the first of which may have begun in earlier chunks. */
  #readLines(chunk: Buffer, start: number, end: number, hasCr: boolean): void {
    if (this.#carry.length === 0) {
      this.#scan(chunk, start, end, hasCr);
      return;
    }
    const first = afterFirstLineEnd(chunk, start);
    if (this.#block.takes(this.#carry.length + first - 1 - start)) {
      this.#carry.append(chunk, start, first);
      this.#scan(this.#carry.bytes, this.#carry.start, this.#carry.end, hasCr);
      this.#carry.clear();
    } else {
      this.#dropLine(chunk, start);
      this.#afterCr = chunk[first - 1] === CR;
    }
    if (first < end) this.#scan(chunk, this.#skipLf(chunk, first), end, hasCr);
  }

  #scan(bytes: Buffer, start: number, end: number, hasCr: boolean): void {
    if (start === end) return;
    this.#block.read(bytes, start, end, hasCr);
    if (hasCr) this.#afterCr = bytes[end - 1] === CR;
  }

  /** Lets go of the lines that were read; whether to go on. */
  #finish(): boolean {
    if (this.#block.stopped) this.#carry.clear();
    else this.#block.settle();
    return !this.#block.stopped;
  }

  /** A CR has ended its line at once; an LF right behind it, even in the next chunk, belongs to the same line end. */
  #skipLf(chunk: Buffer, start: number): number {
    if (!this.#afterCr || start === chunk.length) return start;
    this.#afterCr = false;
    return chunk[start] === LF ? start + 1 : start;
  }

  #keepTail(chunk: Buffer, start: number): void {
    this.#afterCr = false;
    if (this.#isDropping) return;
    if (this.#block.takes(this.#carry.length + chunk.length - start)) {
      this.#carry.append(chunk, start, chunk.length);
    } else {
      this.#isDropping = true;
      this.#dropLine(chunk, start);
    }
  }

  /** Drops what is carried of a line that goes on in `chunk`. */
  #dropLine(chunk: Buffer, start: number): void {
    this.#carry.append(chunk, start, Math.min(start + TELLING_BYTES, chunk.length));
    this.#dropCarried();
  }

  #dropCarried(): void {
    this.#block.dropLine(this.#carry.bytes, this.#carry.start);
    this.#carry.clear();
  }

  /** Where the line after the dropped one starts; nowhere yet if no line ends before `end`. */
  #skipDropped(chunk: Buffer, start: number, end: number): number {
    if (start === end) return start;
    const next = afterFirstLineEnd(chunk, start);
    this.#isDropping = false;
    this.#afterCr = chunk[next - 1] === CR;
    return this.#skipLf(chunk, next);
  }

  #throwErrors(): void {
    if (this.#block.handlers.errors.length === 0) return;
    const errors = this.#block.handlers.errors.splice(0);
    if (errors.length > 1) throw new AggregateError(errors, 'Several handlers of an SseDecoder threw');
    throw errors[0];
  }
}

function reentrant(method: string): SseDecodeError {
  return new SseDecodeError(
    'reentrant',
    `${method}() within a handler of the same decoder; only stop() can be called there`,
  );
}
