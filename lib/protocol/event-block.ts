import { COLON, LF } from './bytes.js';
import { MAX_TIMER_MS } from './check-options.js';
import { idTooLarge, messageTooLarge } from './decode.error.js';
import type { DecoderSettings } from './decoder-options.js';
import { detached } from './detached.js';
import { colon, isData, isEvent, isId, isRetry, separator } from './field-name.js';
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

const NOTHING = Buffer.alloc(0);

const D = 0x64;
const E = 0x65;
const I = 0x69;
const R = 0x72;

/**
 * Interprets the lines of a stream, block by block. WHATWG HTML, section 9.2.6.
 *
 * Its fields are private to TypeScript only: on the hottest path of the package, #names take a tenth of the speed.
 */
export class EventBlock implements LineSink {
  stopped = false;
  lastEventId: string;
  /** What handlers threw. It is kept for later, so that the lines that follow are read all the same. */
  readonly handlerErrors: unknown[] = [];
  private readonly options: DecoderSettings;
  private readonly onMessage: DecoderSettings['onMessage'];
  private readonly maxIdBytes: number;
  private readonly detaches: boolean;
  private readonly utf8 = new Utf8Decoder();
  /** The data line that came alone so far, as most do; {@link moreData} is for blocks with several, or in several chunks. */
  private data: string | undefined;
  private moreData = new PendingData();
  private event = '';
  private id: string | undefined;
  /** How many bytes the message may still grow by. */
  private room: number;
  private bytes = NOTHING;
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

  constructor(options: DecoderSettings) {
    this.options = options;
    this.onMessage = options.onMessage;
    this.maxIdBytes = options.maxIdBytes;
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
    const isAscii = Buffer.byteLength(latin1, 'utf8') === latin1.length;
    this.bytes = bytes;
    this.latin1 = latin1;
    this.base = start;
    this.hasNul = undefined;
    this.decoded = isAscii ? undefined : new LineText(bytes, start, end, this.utf8);
    if (isAscii && !hasCr) this.readPlain(bytes, start, latin1);
    else scanLines(latin1, this, hasCr);
  }

  line(start: number, end: number): void {
    if (this.decoded !== undefined) this.decoded.enter(start, end);
    if (end - start > this.room && !this.countsWithoutRoom(start, end)) return;
    const { bytes } = this;
    const at = this.base + start;
    const first = bytes[at];
    if (first === D && isData(bytes, at)) {
      const gap = separator(bytes, at + 4);
      if (gap !== -1) this.addData(start + 4 + gap, end);
    } else if (first === E && isEvent(bytes, at)) {
      const gap = separator(bytes, at + 5);
      if (gap === -1) return;
      this.event = this.value(start + 5 + gap, end);
      this.isFresh = true;
    } else if (first === I && isId(bytes, at)) {
      const gap = separator(bytes, at + 2);
      if (gap !== -1) this.setId(start + 2 + gap, end);
    } else if (first === COLON) {
      if (this.options.onComment !== undefined) this.tellComment(start + colon(bytes, at), end);
    } else if (first === R && isRetry(bytes, at)) {
      const gap = separator(bytes, at + 5);
      if (gap !== -1) this.tellRetry(start + 5 + gap, end);
    }
  }

  blankLine(at: number): void {
    if (this.decoded !== undefined) this.decoded.enter(at, at);
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
    if (id !== undefined) this.commit(id);
    if (data === undefined) {
      if (isSkipped) this.tellSkip();
      return;
    }
    if (this.stopped) return;
    try {
      this.onMessage(new ReceivedMessage(event || 'message', data, this.lastEventId, id));
    } catch (error) {
      this.handlerErrors.push(error);
    }
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
    this.bytes = NOTHING;
    this.latin1 = '';
    this.decoded = undefined;
  }

  /** The same for lines that are ASCII and end with LF, as most are: the quickest way through. */
  private readPlain(bytes: Buffer, base: number, latin1: string): void {
    const { length } = latin1;
    let start = 0;
    while (start < length) {
      const at = base + start;
      const first = bytes[at];
      if (first === LF) {
        this.dispatch();
        if (this.stopped) return;
        start++;
        continue;
      }
      const end = latin1.indexOf('\n', start);
      if (end - start > this.room) {
        this.line(start, end);
      } else if (first === D && isData(bytes, at) && bytes[at + 4] === COLON) {
        this.addData(start + 4 + colon(bytes, at + 4), end);
      } else if (first === E && isEvent(bytes, at) && bytes[at + 5] === COLON) {
        this.event = this.value(start + 5 + colon(bytes, at + 5), end);
        this.isFresh = true;
      } else if (first === I && isId(bytes, at) && bytes[at + 2] === COLON) {
        this.setId(start + 2 + colon(bytes, at + 2), end);
      } else {
        this.line(start, end);
        if (this.stopped) return;
      }
      start = end + 1;
    }
  }

  private addData(start: number, end: number): void {
    this.room -= end - start + 1;
    const value = this.value(start, end);
    if (this.data === undefined && this.moreData.isEmpty) {
      this.data = value;
    } else {
      this.spill();
      this.moreData.add(value);
    }
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
    if (this.data === undefined) return;
    this.moreData.add(this.data);
    this.data = undefined;
  }

  /** An id with NUL, or one that is too large, is ignored: the one before stays. */
  private setId(start: number, end: number): void {
    if (end - start > this.maxIdBytes) {
      if (this.options.oversize === 'fail') throw idTooLarge(this.maxIdBytes);
      this.skip();
      return;
    }
    const id = this.value(start, end);
    if (this.mayHoldNul() && id.includes('\0')) return;
    this.id = id;
    this.isFresh = true;
  }

  /** ASCII digits only; it counts at once, whatever becomes of the block. */
  private tellRetry(start: number, end: number): void {
    if (this.options.onRetry === undefined) return;
    const digits = this.value(start, end);
    if (/^[0-9]+$/.test(digits)) this.call(this.options.onRetry, Math.min(Number(digits), MAX_TIMER_MS));
  }

  private tellComment(start: number, end: number): void {
    if (this.options.onComment !== undefined) this.call(this.options.onComment, this.value(start, end));
  }

  private tellSkip(): void {
    if (this.options.onSkip !== undefined && !this.stopped) this.call(this.options.onSkip, undefined);
  }

  private mayHoldNul(): boolean {
    this.hasNul ??= this.latin1.includes('\0');
    return this.hasNul;
  }

  private value(start: number, end: number): string {
    const text = this.decoded === undefined ? this.latin1.slice(start, end) : this.decoded.value(start);
    return this.detaches ? detached(text) : text;
  }

  private commit(id: string): void {
    this.lastEventId = id;
    if (this.options.onId !== undefined) this.call(this.options.onId, id);
  }

  private call<T>(handler: (value: T) => void, value: T): void {
    try {
      handler(value);
    } catch (error) {
      this.handlerErrors.push(error);
    }
  }
}
