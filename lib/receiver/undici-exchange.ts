import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import { SocketGate } from './socket-gate.js';
import type { Exchange, ExchangeEvents } from './transport.js';

/** Of these the first one counts when a server sends several, as in node:http. */
const SINGLE = new Set(['content-type', 'location', 'retry-after']);

/** One request at undici's dispatcher level: what undici tells its handler, and what may be done to it meanwhile. */
export class UndiciExchange implements Exchange, Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private client: Dispatcher | undefined;
  private connecting: Socket | undefined;
  /** Absent where a dispatcher that was passed in owns the socket. */
  private gate: SocketGate | undefined;
  private released: Promise<void> | undefined;
  private isPaused = false;

  constructor(private readonly events: ExchangeEvents) {}

  get isOver(): boolean {
    return this.released !== undefined;
  }

  /** A client that serves this request only: it goes when the request is over. */
  ownClient(client: Dispatcher): void {
    this.client = client;
  }

  /** The socket that is being connected: undici itself would let it go on after the request was given up. */
  ownConnecting(socket: Socket): void {
    this.connecting = socket;
    this.gate = new SocketGate(socket);
  }

  pause(): void {
    this.isPaused = true;
    if (this.gate) this.gate.shut();
    else this.controller?.pause();
  }

  resume(): void {
    this.isPaused = false;
    // Never within another request's callback: the parser of undici is one for all.
    queueMicrotask(() => {
      // It may have been paused again meanwhile.
      if (this.isOver || this.isPaused) return;
      if (this.gate) this.gate.open();
      else this.controller?.resume();
    });
  }

  abort(): Promise<void> {
    if (!this.released) {
      const release = this.release();
      this.controller?.abort(new Error('The exchange was given up'));
      return release;
    }
    return this.released;
  }

  /** It cannot even begin. */
  fail(error: Error): void {
    if (this.isOver) return;
    this.release();
    this.events.onError(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isOver) {
      // Given up while a dispatcher that is not ours had it in its queue.
      controller.abort(new Error('The exchange was given up'));
      return;
    }
    this.controller = controller;
    this.connecting = undefined;
    this.events.onSent();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    // 1xx responses go before the final one.
    if (!this.isOver && status >= 200) this.events.onResponse(status, asNodeDoes(headers));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.isOver) this.events.onData(chunk);
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    // undici takes a reset for the end of a response without a length, but RFC 9112, section 8, for cut off.
    const failure = this.gate?.failure;
    if (failure) {
      this.fail(failure);
      return;
    }
    this.release();
    this.events.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** From here on nothing is told any more, and what this request alone used is let go. */
  private release(): Promise<void> {
    this.connecting?.destroy();
    const { client } = this;
    // A client must not be destroyed from within one of its own callbacks.
    this.released = Promise.resolve().then(() => client?.destroy());
    return this.released;
  }
}

/** undici gives every repeated header as an array; node:http only `set-cookie`, and so its types promise. */
function asNodeDoes(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const entries = Object.entries(headers).map(([name, value]) => {
    if (!Array.isArray(value) || name === 'set-cookie') return [name, value];
    return [name, SINGLE.has(name) ? value[0] : value.join(', ')];
  });
  return Object.fromEntries(entries);
}
