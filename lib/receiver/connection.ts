import type { IncomingHttpHeaders } from 'node:http';
import { type ReceivedMessage, SseDecoder, SseError } from '../protocol/index.js';
import { BodyExcerpt } from './body-excerpt.js';
import { ChunkGatherer } from './chunk-gatherer.js';
import { SseConnectError } from './connect.error.js';
import type { SseOutcomeKind } from './connection-state.js';
import { IdleWatchdog } from './idle-watchdog.js';
import { describeFailure, isFinalFailure, safeUrl } from './network-failure.js';
import type { ReceiverSettings } from './receiver-settings.js';
import { type RedirectableRequest, RedirectTrail } from './redirects.js';
import { composeHeaders } from './request-headers.js';
import { judgeResponse, type ResponseVerdict } from './response-verdict.js';
import type { Exchange, Transport } from './transport.js';

/** How a connection ended, before anybody has decided what follows from it. */
export interface ConnectionResult {
  readonly kind: SseOutcomeKind;
  readonly retryable: boolean;
  readonly status?: number;
  readonly headers?: IncomingHttpHeaders;
  readonly bodyExcerpt?: string;
  readonly error?: Error;
}

/** What a connection tells while it lives; nothing after {@link Connection.abort}. */
export interface ConnectionEvents {
  onOpen(status: number, headers: IncomingHttpHeaders): void;
  onMessage(message: ReceivedMessage): void;
  onComment(comment: string): void;
  onRetry(delayMs: number): void;
  /**
   * A chunk has been decoded.
   *
   * @param lastEventId where the stream stands after it: an id can come without a message
   * @returns whether the stream must be held up until {@link Connection.resume}
   */
  onChunkDone(lastEventId: string): boolean;
}

/** Servers name events so when they ping with whole messages. */
const PING_EVENT = 'ping';
/** How long the body of a refused response may take to arrive. */
const EXCERPT_TIMEOUT_MS = 1_000;

/** One attempt: request, redirects, response, decoding, until the stream is lost. */
export class Connection {
  private exchange: Exchange | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private over = false;
  private held = false;
  private report: (result: ConnectionResult) => void = () => {};
  private readonly watchdog: IdleWatchdog;
  private readonly decoder: SseDecoder;
  private readonly trail: RedirectTrail;
  private readonly gatherer = new ChunkGatherer((bytes) => this.decode(bytes));

  constructor(
    private readonly settings: ReceiverSettings,
    private readonly transport: Transport,
    private readonly lastEventId: string,
    private readonly events: ConnectionEvents,
  ) {
    this.trail = new RedirectTrail(settings.maxRedirects);
    this.watchdog = new IdleWatchdog(settings.idleTimeoutMs, (ms) => this.timeOut(`was silent for ${ms} ms`));
    this.decoder = new SseDecoder({
      lastEventId,
      maxMessageBytes: settings.maxMessageBytes,
      onMessage: (message) => {
        if (message.event === PING_EVENT) this.watchdog.sawPing();
        events.onMessage(message);
      },
      onComment: (comment) => {
        this.watchdog.sawPing();
        events.onComment(comment);
      },
      onRetry: (delayMs) => events.onRetry(delayMs),
    });
  }

  /** Makes the request and resolves when the connection is over; never rejects, and never resolves once aborted. */
  run(request: RedirectableRequest): Promise<ConnectionResult> {
    return new Promise((resolve) => {
      this.report = resolve;
      this.send(request);
    });
  }

  /** Ends it in whatever phase; nothing is told any more. Resolves when the socket is gone. */
  async abort(): Promise<void> {
    this.end();
    await this.exchange?.abort();
  }

  /** Goes on after {@link ConnectionEvents.onChunkDone} held it up. */
  resume(): void {
    if (this.over || !this.held) return;
    this.held = false;
    this.watchdog.start();
    this.exchange?.resume();
  }

  private send(request: RedirectableRequest): void {
    const { connectTimeoutMs, firstByteTimeoutMs } = this.settings;
    this.arm(connectTimeoutMs, () => this.timeOut(`was not connected within ${connectTimeoutMs} ms`));
    let accept: (chunk: Uint8Array) => void = () => {};
    let complete = () => {};
    const { callersHeaders, ...rest } = request;
    this.exchange = this.transport.send(
      { ...rest, headers: composeHeaders(callersHeaders, this.lastEventId) },
      {
        onSent: () =>
          this.arm(firstByteTimeoutMs, () => this.timeOut(`was not answered within ${firstByteTimeoutMs} ms`)),
        onResponse: (status, headers) => {
          [accept, complete] = this.receive(request, status, headers);
        },
        onData: (chunk) => accept(chunk),
        onEnd: () => complete(),
        onError: (error) => this.lose(error),
      },
    );
    // What it told before it was known could not abort it.
    if (this.over) void this.exchange.abort();
  }

  /** Decides by the head of the response what is done with its body: with each chunk, and at its end. */
  private receive(
    request: RedirectableRequest,
    status: number,
    headers: IncomingHttpHeaders,
  ): [(chunk: Uint8Array) => void, () => void] {
    this.disarm();
    const verdict = judgeResponse(status, headers, this.settings.statusPolicy);
    switch (verdict.action) {
      case 'stream':
        this.watchdog.start();
        this.events.onOpen(status, headers);
        return [
          (chunk) => this.gatherer.add(chunk),
          () => {
            this.gatherer.flush();
            this.finish({ kind: 'end', retryable: true, status, headers });
          },
        ];
      case 'stop':
        this.finish({ kind: 'no-content', retryable: false, status, headers });
        break;
      case 'redirect':
        this.redirect(request, status, headers);
        break;
      case 'refuse':
        return this.readRefusal(verdict, status, headers);
    }
    return [() => {}, () => {}];
  }

  private decode(bytes: Uint8Array): void {
    if (this.over) return;
    this.watchdog.sawBytes();
    try {
      this.decoder.push(bytes);
    } catch (error) {
      this.finish({ kind: 'decode', retryable: false, error: error as Error });
    }
    if (!this.over && this.events.onChunkDone(this.decoder.lastEventId)) {
      this.held = true;
      this.watchdog.stop();
      this.exchange?.pause();
    }
  }

  private readRefusal(
    { kind, retryable, reason }: ResponseVerdict & { action: 'refuse' },
    status: number,
    headers: IncomingHttpHeaders,
  ): [(chunk: Uint8Array) => void, () => void] {
    const excerpt = new BodyExcerpt();
    const refuse = () => {
      const bodyExcerpt = excerpt.toString();
      const error = this.error(reason, { kind, retryable, status, bodyExcerpt });
      this.finish({ kind, retryable, status, headers, bodyExcerpt, error });
    };
    this.arm(EXCERPT_TIMEOUT_MS, refuse);
    return [(chunk) => excerpt.add(chunk) && refuse(), refuse];
  }

  private redirect(request: RedirectableRequest, status: number, headers: IncomingHttpHeaders): void {
    const next = this.trail.follow(request, status, headers);
    if (typeof next === 'string') {
      const error = this.error(`was redirected ${next}`, { kind: 'redirect', retryable: false, status });
      this.finish({ kind: 'redirect', retryable: false, status, headers, error });
      return;
    }
    void this.exchange?.abort();
    // A dispatcher that answers at once does so before its exchange is known: only then can that one be given up, too.
    queueMicrotask(() => {
      if (this.over) return;
      void this.exchange?.abort();
      this.send(next);
    });
  }

  private lose(cause: Error): void {
    this.gatherer.flush();
    // Errors of ours say that the request cannot be made at all.
    if (cause instanceof SseError) {
      this.finish({ kind: 'request', retryable: false, error: cause });
      return;
    }
    const retryable = !isFinalFailure(cause);
    const kind = retryable ? 'network' : 'request';
    this.finish({
      kind,
      retryable,
      error: this.error(`failed: ${describeFailure(cause)}`, { kind, retryable, cause }),
    });
  }

  private timeOut(reason: string): void {
    this.finish({ kind: 'timeout', retryable: true, error: this.error(reason, { kind: 'timeout', retryable: true }) });
  }

  private finish(result: ConnectionResult): void {
    if (this.over) return;
    this.end();
    void this.exchange?.abort();
    this.report(result);
  }

  private end(): void {
    this.over = true;
    this.disarm();
    this.watchdog.stop();
    this.decoder.stop();
  }

  private error(reason: string, failure: ConstructorParameters<typeof SseConnectError>[1]): SseConnectError {
    return new SseConnectError(`${this.settings.method} ${safeUrl(this.settings.url)} ${reason}`, failure);
  }

  private arm(ms: number, onTimeout: () => void): void {
    this.disarm();
    if (ms > 0) this.deadline = setTimeout(onTimeout, ms);
  }

  private disarm(): void {
    clearTimeout(this.deadline);
  }
}
