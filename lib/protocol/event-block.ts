import { COLON, CR, LF, NO_BYTES } from './bytes.js';
import { idTooLarge, messageTooLarge } from './decode.error.js';
import { DecoderHandlers } from './decoder-handlers.js';
import type { DecoderSettings } from './decoder-options.js';
import { detached } from './detached.js';
import { colon, D, E, I, isData, isEvent, isId, isRetry, R, separator } from './field-name.js';
import { type LineSink, scanLines } from './line-scanner.js';
import { LineText } from './line-text.js';
import { messageFieldOf, TELLING_BYTES } from './message-field.js';
import { PendingData } from './pending-data.js';
import { ReceivedMessage } from './received-message.js';
import { Utf8Decoder } from './utf8-decoder.js';

/** What is no longer may be kept alive by what was cut from it, */
const SHORT = 1024;
/** if it was cut into no more than so many lines. */
const FEW = 16;

/** The room of a block that is skipped: too little for any line, so that all of them take the slow way. */
const SKIPPED = -1;

/**
 * Interprets the lines of a stream, block by block. WHATWG HTML, section 9.2.6.
 *
 * Its fields are private to TypeScript only: on the hottest path of the package, #names take a tenth of the speed.
 */
export class EventBlock implements LineSink {
  stopped = false;
  lastEventId: string;
  readonly handlers: DecoderHandlers;
  private readonly detaches: boolean;
  private readonly utf8 = new Utf8Decoder();
  /** The data line that came alone so far, as most do; {@link moreData} is for blocks with several, or in several chunks. */
  private data: string | undefined;
  private moreData = new PendingData();
  private event = '';
  private id: string | undefined;
  /** How many bytes the message may still grow by. */
  private room: number;
  private bytes: Buffer = NO_BYTES;
  /** The present lines, with one character for each byte, which costs next to nothing to make and to search. */
  private latin1 = '';
  /** Where they start in {@link bytes}. */
  private base = 0;
  /** The same lines decoded, unless they are ASCII. */
  private decoded: LineText | undefined;
  /** Whether a NUL is somewhere in them; not known until it matters. */
  private hasNul: boolean | undefined;
  /** Whether the present lines have given an event name or an id. */
  private isFresh = false;

  constructor(private readonly options: DecoderSettings) {
    this.handlers = new DecoderHandlers(options);
    this.detaches = options.detach;
    this.room = options.maxMessageBytes;
    this.lastEventId = options.lastEventId;
  }

  /** Whether something is pending that the end of the stream would discard. */
  get isOpen(): boolean {
    const hasPart = this.data !== undefined || !this.moreData.isEmpty || this.event !== '' || this.id !== undefined;
    return hasPart || this.room === SKIPPED;
  }

  /** Whether `length` bytes of a line are worth keeping until it ends. Throws if they are too much and nothing is skipped. */
  takes(length: number): boolean {
    return length <= this.room || length <= Math.max(this.skippingBound(), TELLING_BYTES);
  }

  /** Does without a line that {@link takes} has refused, which starts in `bytes` at `at`. */
  dropLine(bytes: Buffer, at: number): void {
    if (messageFieldOf(bytes, at) !== undefined) this.skip();
  }

  /** Reads the whole lines from `start` to `end`. `hasCr`: whether a CR may be among their line ends. */
  read(bytes: Buffer, start: number, end: number, hasCr: boolean): void {
    const latin1 = bytes.toString('latin1', start, end);
    this.bytes = bytes;
    this.latin1 = latin1;
    this.base = start;
    this.hasNul = undefined;
    const isAscii = Buffer.byteLength(latin1, 'utf8') === latin1.length;
    this.decoded = isAscii ? undefined : new LineText(bytes.subarray(start, end), this.utf8);
    if (hasCr) scanLines(latin1, this);
    else this.readLfLines(bytes, start, latin1);
  }

  line(start: number, end: number): void {
    this.decoded?.enter(start, this.bytes[this.base + end] === CR ? '\r' : '\n');
    this.field(start, end);
  }

  blankLine(): void {
    this.decoded?.passBlankLine();
    this.dispatch();
  }

  private dispatch(): void {
    const { event, id } = this;
    const data = this.moreData.isEmpty ? this.data : this.moreData.take();
    const isSkipped = this.room === SKIPPED;
    if (data === undefined && id === undefined && !isSkipped) {
      this.event = '';
      return;
    }
    this.data = undefined;
    this.event = '';
    this.id = undefined;
    this.room = this.options.maxMessageBytes;
    if (id !== undefined) {
      this.lastEventId = id;
      this.handlers.id(id);
    }
    if (this.stopped) return;
    if (data !== undefined) this.handlers.message(new ReceivedMessage(event || 'message', data, this.lastEventId, id));
    else if (isSkipped) this.handlers.skip();
  }

  /**
   * Copies what must outlive the present chunk out of its text. A few short texts may stay alive for what was cut from them,
   * but not many, and no long one.
   */
  settle(): void {
    const isLong = this.latin1.length > SHORT;
    if (isLong) this.spill();
    if (isLong || this.moreData.freshLines > FEW) this.moreData.settle();
    if (isLong && this.isFresh) {
      this.event = detached(this.event);
      if (this.id !== undefined) this.id = detached(this.id);
      this.lastEventId = detached(this.lastEventId);
    }
    this.isFresh = false;
    this.bytes = NO_BYTES;
    this.latin1 = '';
    this.decoded = undefined;
  }

  /**
   * Lines that end with LF, as nearly all do. What {@link field} does for any line is done here for the usual ones at once:
   * a call for each line would cost a tenth of all.
   */
  private readLfLines(bytes: Buffer, base: number, latin1: string): void {
    const { decoded } = this;
    for (let start = 0; start < latin1.length && !this.stopped; ) {
      const at = base + start;
      const first = bytes[at];
      if (first === LF) {
        decoded?.passBlankLine();
        this.dispatch();
        start++;
        continue;
      }
      const end = latin1.indexOf('\n', start);
      decoded?.enter(start, '\n');
      if (end - start > this.room) this.field(start, end);
      else if (first === D && isData(bytes, at) && bytes[at + 4] === COLON)
        this.addData(start + 4 + colon(bytes, at + 4), end);
      else if (first === E && isEvent(bytes, at) && bytes[at + 5] === COLON)
        this.setEvent(start + 5 + colon(bytes, at + 5), end);
      else if (first === I && isId(bytes, at) && bytes[at + 2] === COLON)
        this.setId(start + 2 + colon(bytes, at + 2), end);
      else this.field(start, end);
      start = end + 1;
    }
  }

  private field(start: number, end: number): void {
    if (end - start > this.room && !this.countsWithoutRoom(start, end)) return;
    const { bytes } = this;
    const at = this.base + start;
    const first = bytes[at];
    if (first === D && isData(bytes, at)) {
      const gap = separator(bytes, at + 4);
      if (gap !== -1) this.addData(start + 4 + gap, end);
    } else if (first === E && isEvent(bytes, at)) {
      const gap = separator(bytes, at + 5);
      if (gap !== -1) this.setEvent(start + 5 + gap, end);
    } else if (first === I && isId(bytes, at)) {
      const gap = separator(bytes, at + 2);
      if (gap !== -1) this.setId(start + 2 + gap, end);
    } else if (first === COLON) {
      if (this.handlers.wantComments) this.handlers.comment(this.value(start + colon(bytes, at), end));
    } else if (first === R && isRetry(bytes, at)) {
      const gap = separator(bytes, at + 5);
      if (gap !== -1 && this.handlers.wantRetries) this.handlers.retry(this.value(start + 5 + gap, end));
    }
  }

  private setEvent(start: number, end: number): void {
    this.event = this.value(start, end);
    this.isFresh = true;
  }

  private addData(start: number, end: number): void {
    this.room -= end - start + 1;
    const value = this.value(start, end);
    if (this.data !== undefined) this.spill();
    if (this.moreData.isEmpty) this.data = value;
    else this.moreData.add(value);
  }

  /** Whether a line counts that there is no room for: all do but data, and what is too long by itself. */
  private countsWithoutRoom(start: number, end: number): boolean {
    const bound = this.skippingBound();
    const field = messageFieldOf(this.bytes, this.base + start);
    if (field !== undefined) this.skip();
    return end - start <= bound && field !== 'data';
  }

  /** How many bytes a line may have that counts without room. Throws when blocks are not to be skipped. */
  private skippingBound(): number {
    const { oversize, maxMessageBytes } = this.options;
    if (oversize === 'fail') throw messageTooLarge(maxMessageBytes);
    return maxMessageBytes;
  }

  /** Gives up the message of this block, and the data that it has. */
  private skip(): void {
    this.room = SKIPPED;
    this.data = undefined;
    this.moreData = new PendingData();
  }

  private spill(): void {
    if (this.data !== undefined) this.moreData.add(this.data);
    this.data = undefined;
  }

  /** An id with NUL, or one that is too large, is ignored: the one before stays. */
  private setId(start: number, end: number): void {
    const { maxIdBytes, oversize } = this.options;
    if (end - start > maxIdBytes) {
      if (oversize === 'fail') throw idTooLarge(maxIdBytes);
      this.skip();
      return;
    }
    const id = this.value(start, end);
    this.hasNul ??= this.latin1.includes('\0');
    if (this.hasNul && id.includes('\0')) return;
    this.id = id;
    this.isFresh = true;
  }

  private value(start: number, end: number): string {
    const text = this.decoded === undefined ? this.latin1.slice(start, end) : this.decoded.value(start);
    return this.detaches ? detached(text) : text;
  }
}
