import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { BodyPart } from './body-part.js';
import type { HttpExchange } from './http-exchange.js';
import { WRITE_BYTES } from './outbox.js';
import { plainSocket } from './plain-socket.js';
import type { StreamTraffic } from './stream-traffic.js';

/** What a sink tells its owner. */
export interface SinkOwner {
  /** The peer can take more again. */
  onDrain(): void;
  /** The response is over, finished or cut. Called once. */
  onGone(finished: boolean): void;
}

/** How long an idle connection may be silent before the kernel probes whether its peer still exists. */
const KEEP_ALIVE_PROBE_MS = 30_000;

/** The socket side of a stream: writes, says when the peer has had enough, and notices that it left. */
export class ResponseSink {
  readonly #exchange: HttpExchange;
  readonly #owner: SinkOwner;
  readonly #traffic: StreamTraffic;
  readonly #onDrain = () => this.#drained();
  readonly #onClose = () => this.#gone();
  readonly #onEnded = () => this.#leaveSocket();
  #given = 0;
  #taken = 0;
  #takenAt = 0;
  #full = false;
  #released = false;
  /**
   * What is asked at each write, asked the response once: Express gives every response a prototype of its own, which makes
   * looking anything up on it slow.
   */
  #socket: Socket | undefined;
  #flush: (() => void) | undefined;
  /** Where the body is written to instead of the response, if that comes to the same. */
  #direct: Socket | undefined;
  #isChunked = false;
  #isHeadSent = false;

  constructor(exchange: HttpExchange, owner: SinkOwner, traffic: StreamTraffic) {
    this.#exchange = exchange;
    this.#owner = owner;
    this.#traffic = traffic;
    // With pipelined requests the response never hears of its connection's end, so the socket is watched as well.
    exchange.response.on('close', this.#onClose);
    watchSocket(exchange.socket, this.#onClose);
    exchange.response.on('error', ignore);
  }

  /**
   * Commits the head, and keeps the socket open and prompt from here on.
   *
   * @param mayWriteDirectly whether the response may be passed over where that comes to the same
   */
  open(status: number, headers: Readonly<Record<string, string | readonly string[]>>, mayWriteDirectly: boolean): void {
    const { socket, response } = this.#exchange;
    socket?.setNoDelay?.(true);
    socket?.setKeepAlive?.(true, KEEP_ALIVE_PROBE_MS);
    socket?.setTimeout?.(0);
    this.#exchange.commit(status, headers);
    this.#direct = mayWriteDirectly ? plainSocket(this.#exchange) : undefined;
    if (this.#direct) {
      this.#isChunked = (response as ServerResponse).chunkedEncoding;
      // What was written to the response drains with its socket, too.
      this.#direct.on('drain', this.#onDrain);
      response.on('prefinish', this.#onEnded);
    } else {
      response.on('drain', this.#onDrain);
    }
    this.#flush = (response as ServerResponse & { flush?: () => void }).flush?.bind(response);
    // With pipelined requests, a response has its socket, and sends, only when those before it are done.
    this.#socket = response.socket === socket ? socket : undefined;
    this.#takenAt = performance.now();
  }

  /** Whether the peer has enough to read for now; `onDrain` follows. */
  get full(): boolean {
    return this.#full;
  }

  /** Bytes that were written and not yet taken by the operating system. */
  get pendingBytes(): number {
    return (this.#socket ?? this.#exchange.response).writableLength;
  }

  /** Bytes of the body that the operating system has taken. */
  get sentBytes(): number {
    // What waits may be the head, which is not counted among what was given.
    return Math.max(0, this.#given - this.pendingBytes);
  }

  /** @param now milliseconds of `performance.now()`, where the caller has looked at the clock for many streams at once */
  write(part: BodyPart, now = performance.now()): void {
    if (this.pendingBytes === 0) {
      this.#takenAt = now;
    }
    this.#traffic.bytes += part.bytes.length;
    if (this.#direct?.writable && this.#isHeadSent) {
      const bytes = this.#isChunked ? part.chunk : part.bytes;
      this.#given += bytes.length;
      this.#full = !this.#direct.write(bytes) && this.#direct.writableLength >= WRITE_BYTES;
      return;
    }
    this.#isHeadSent = true;
    this.#given += part.bytes.length;
    const roomLeft = (this.#exchange.response as ServerResponse).write(part.bytes);
    // Compression middleware collects what it is given until it is told to send it.
    this.#flush?.();
    // Node's own mark is 16 KiB on some versions, which stops a stream far too early. Behind compression the bytes wait
    // elsewhere than in the response, so there its word is taken.
    this.#full = !roomLeft && (this.pendingBytes >= WRITE_BYTES || this.#flush !== undefined);
  }

  /** Sends the head, unless it has gone out with what was written. */
  flushHeaders(): void {
    if (!this.#isHeadSent) {
      this.#isHeadSent = true;
      this.#exchange.flushHeaders();
    }
  }

  /**
   * Milliseconds since the peer took anything, while something waits for it; else 0. Counted from what is looked at, so
   * it has to be asked every now and then.
   */
  stalledMs(now: number): number {
    const pending = this.pendingBytes;
    const taken = this.#given - pending;
    if (pending === 0 || taken > this.#taken) {
      this.#taken = taken;
      this.#takenAt = now;
    }
    return now - this.#takenAt;
  }

  end(): void {
    this.#exchange.response.end();
  }

  /** Cuts the connection, or resets the HTTP/2 stream; what waits is lost. */
  destroy(): void {
    this.#exchange.response.destroy();
    this.#exchange.socket?.destroy();
    this.#gone();
  }

  /** Lets go of an HTTP/1 connection once the response is finished: it shall not be kept for a next request. */
  closeConnection(): void {
    this.#exchange.socket?.destroySoon?.();
  }

  /** Stops watching a response that turned out not to be ours to answer. */
  detach(): void {
    this.#released = true;
    const { response, socket } = this.#exchange;
    response.off('close', this.#onClose);
    response.off('drain', this.#onDrain);
    socket?.off('close', this.#onClose);
    this.#leaveSocket();
  }

  /** Whoever has ended the response has ended its body: what came behind that would be taken for the next response. */
  #leaveSocket(): void {
    this.#direct?.off('drain', this.#onDrain);
    this.#exchange.response.off('prefinish', this.#onEnded);
    this.#direct = undefined;
  }

  #gone(): void {
    if (!this.#released) {
      this.detach();
      this.#owner.onGone(this.#exchange.finished);
    }
  }

  #drained(): void {
    this.#full = false;
    this.#owner.onDrain();
  }
}

/** Any number of pipelined requests may share a socket, so that many listeners are no leak to be warned of. */
function watchSocket(socket: Socket | undefined, onClose: () => void): void {
  const most = socket?.getMaxListeners() ?? 0;
  if (most > 0 && socket!.listenerCount('close') >= most) {
    socket!.setMaxListeners(most + 1);
  }
  socket?.on('close', onClose);
}

/** A broken pipe is followed by 'close', which is where it is dealt with. */
function ignore(): void {}
