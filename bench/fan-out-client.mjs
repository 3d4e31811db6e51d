/**
 * The audience of fan-out.mjs: so many streams of one server, read from raw sockets. While a burst is under way it only
 * keeps what comes and looks for the end; whether that was every message, in order and to everybody, is checked afterwards.
 */
import { connect } from 'node:net';
import { stayAwake } from './stay-awake.mjs';

const READ_BYTES = 64 * 1024;
const CONNECTING_AT_ONCE = 128;
const END_OF_HEAD = '\r\n\r\n';

/** What a body ends with when a burst is complete: the end of its last message, and of the chunk that has it. */
const END_OF_BURST = '"last":1}\n\n\r\n';

/** All sockets read into the same place: what they get is copied out at once. */
const landing = new Uint8Array(READ_BYTES);

class Stream {
  #head = '';
  #length = 0;
  #bytes;
  #owner;

  /** @param {Audience} owner @param {number} port @param {string} path @param {number} capacity */
  constructor(owner, port, path, capacity) {
    this.#owner = owner;
    this.#bytes = Buffer.allocUnsafeSlow(capacity);
    this.socket = connect({
      port,
      host: '127.0.0.1',
      onread: { buffer: landing, callback: (length) => this.#take(length) },
    });
    this.socket.on('error', (error) => owner.fail(error));
    this.socket.on('close', () => owner.fail(new Error('a stream was closed')));
    this.socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\n\r\n`);
  }

  forget() {
    this.#length = 0;
  }

  /** What has come since {@link forget}, out of its chunks (RFC 9112 7.1). */
  body() {
    const bytes = this.#bytes.subarray(0, this.#length);
    let length = 0;
    for (let at = 0; at < bytes.length; ) {
      const line = bytes.indexOf('\r\n', at);
      const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
      const end = line + 2 + size;
      if (line < 0 || !(size > 0) || end + 2 > bytes.length || bytes[end] !== 13 || bytes[end + 1] !== 10) {
        throw new Error(`not a chunk at byte ${at} of ${bytes.length}`);
      }
      bytes.copyWithin(length, line + 2, end);
      length += size;
      at = end + 2;
    }
    return bytes.subarray(0, length);
  }

  /** @param {number} length */
  #take(length) {
    if (this.#owner.isOpening) {
      this.#takeHead(length);
      return true;
    }
    if (this.#length + length > this.#bytes.length) {
      this.#owner.fail(new Error('a stream has got more than all messages'));
      return false;
    }
    this.#bytes.set(length === READ_BYTES ? landing : landing.subarray(0, length), this.#length);
    this.#length += length;
    if (
      this.#bytes.toString('latin1', Math.max(0, this.#length - END_OF_BURST.length), this.#length) === END_OF_BURST
    ) {
      this.#owner.hasBurst();
    }
    return true;
  }

  /** @param {number} length */
  #takeHead(length) {
    const had = this.#head.includes(END_OF_HEAD);
    this.#head += Buffer.from(landing.subarray(0, length)).toString('latin1');
    if (!had && this.#head.includes(END_OF_HEAD)) {
      if (/^HTTP\/1\.1 200 .*\r\nTransfer-Encoding: chunked\r\n/is.test(this.#head)) {
        this.#owner.hasHead();
      } else {
        this.#owner.fail(new Error(`not a stream: ${this.#head}`));
      }
    }
  }
}

export class Audience {
  isOpening = true;
  /** @type {Stream[]} */
  #streams = [];
  #heads = 0;
  #burstBegan = 0;
  /** Milliseconds after which each stream had the whole burst. @type {number[]} */
  #arrivals = [];
  #onProgress = () => {};
  /** @type {unknown} */
  #failure;
  #left = false;

  /**
   * @param {{ port: number, path: string, count: number, capacity: number }} options capacity: bytes that a burst has at most
   */
  static async open({ port, path, count, capacity }) {
    const audience = new Audience();
    while (audience.#streams.length < count) {
      const size = Math.min(count, audience.#streams.length + CONNECTING_AT_ONCE);
      while (audience.#streams.length < size) audience.#streams.push(new Stream(audience, port, path, capacity));
      await audience.#until(() => audience.#heads === size);
    }
    return audience;
  }

  /** The streams have begun with whatever they begin with; from here on, only bursts come. */
  settle() {
    this.isOpening = false;
  }

  /**
   * @param {() => void} publish asks the server for the messages `from` to `from + count - 1`
   * @param {number} from @param {number} count
   * @returns milliseconds until each stream had the whole burst, in ascending order
   */
  async hear(publish, from, count) {
    for (const stream of this.#streams) stream.forget();
    this.#arrivals = [];
    this.#burstBegan = performance.now();
    publish();
    const stop = stayAwake();
    await this.#until(() => this.#arrivals.length === this.#streams.length).finally(stop);
    this.#verify(from, count);
    return this.#arrivals;
  }

  /** Without a wait for the last packets of the connections (TIME_WAIT), of which there are too many. */
  leave() {
    this.#left = true;
    for (const { socket } of this.#streams) socket.resetAndDestroy();
  }

  hasHead() {
    this.#heads++;
    this.#onProgress();
  }

  hasBurst() {
    if (this.#arrivals.push(performance.now() - this.#burstBegan) === this.#streams.length) this.#onProgress();
  }

  /** @param {unknown} error */
  fail(error) {
    if (!this.#left) {
      this.#failure ??= error;
      this.#onProgress();
    }
  }

  /** @param {() => boolean} done */
  #until(done) {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(
        () => this.fail(new Error(`${this.#arrivals.length} streams had it after 60 s`)),
        60_000,
      );
      this.#onProgress = () => {
        if (this.#failure === undefined && !done()) return;
        clearTimeout(deadline);
        this.#onProgress = () => {};
        if (this.#failure === undefined) resolve(undefined);
        else reject(this.#failure);
      };
      this.#onProgress();
    });
  }

  /** Every message in its place on the first stream, and the very same bytes on all others. */
  #verify(from, count) {
    const [first, ...others] = this.#streams.map((stream) => stream.body());
    const frames = String(first).split('\n\n');
    const numbers = frames.slice(0, -1).map((frame) => JSON.parse(/^data: ?(.*)$/m.exec(frame)?.[1] ?? '{}').n);
    const wrong = numbers.findIndex((n, index) => n !== from + index);
    if (numbers.length !== count || wrong >= 0 || frames.at(-1) !== '') {
      throw new Error(`expected ${count} messages from ${from} on, got ${numbers.length}: ${numbers.slice(0, 20)} ...`);
    }
    const odd = others.findIndex((body) => !body.equals(/** @type {Buffer} */ (first)));
    if (odd >= 0) throw new Error(`stream ${odd + 1} has got others than stream 0: ${others[odd]?.subarray(0, 500)}`);
  }
}
