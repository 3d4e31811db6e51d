import type { IncomingHttpHeaders } from 'node:http';
import { SseError } from '../protocol/index.js';
import { BodyExcerpt } from './body-excerpt.js';
import { SseConnectError, type SseConnectFailure } from './connect.error.js';
import type { ConnectionResult } from './connection-result.js';
import { SseDecompressError } from './decompress.error.js';
import { isAllowed } from './is-allowed.js';
import { describeFailure, isFinalFailure, safeUrl } from './network-failure.js';
import { OpenStream, type StreamEvents } from './open-stream.js';
import type { PreparedRequest } from './prepare-request.js';
import type { ReceiverSettings } from './receiver-settings.js';
import { type RedirectableRequest, RedirectTrail } from './redirects.js';
import { composeHeaders } from './request-headers.js';
import { judgeResponse, type ResponseVerdict } from './response-verdict.js';
import type { Exchange, Transport } from './transport.js';

/** What a connection tells while it lives; nothing after {@link Connection.abort}. */
export interface ConnectionEvents extends StreamEvents {
  readonly onOpen: (status: number, headers: IncomingHttpHeaders) => void;
}

/** What is done with a response: with each chunk of its body, and at its end. */
interface BodyReader {
  readonly add: (chunk: Uint8Array) => void;
  readonly complete: () => void;
  /** It breaks off. Absent where that is all there is to say. */
  readonly fail?: () => void;
}

const UNREAD: BodyReader = { add() {}, complete() {} };
/** How long the body of a refused response may take to arrive. */
const EXCERPT_TIMEOUT_MS = 1_000;

/** Headers that hold sessions, and URLs with tokens. */
const SECRET_HEADERS = ['set-cookie', 'location', 'content-location', 'refresh', 'link'];

/** Headers are told to whoever watches the state, and so find their way into logs: no secret shows there. */
function withSecretsHidden(received: IncomingHttpHeaders): IncomingHttpHeaders {
  const headers = { ...received };
  for (const name of SECRET_HEADERS) {
    if (name in headers) Object.defineProperty(headers, name, { enumerable: false });
  }
  return headers;
}

/** One attempt: request, redirects, response, decoding, until the stream is lost. */
export class Connection {
  private exchange: Exchange | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private over = false;
  private report: (result: ConnectionResult) => void = () => {};
  private readonly trail: RedirectTrail;
  private readonly stream: OpenStream;

  constructor(
    private readonly settings: ReceiverSettings,
    private readonly transport: Transport,
    private readonly request: PreparedRequest,
    private readonly events: ConnectionEvents,
  ) {
    this.trail = new RedirectTrail(settings.maxRedirects);
    this.stream = new OpenStream(settings, request.lastEventId, {
      ...events,
      onHold: () => this.exchange?.pause(),
      onTimeout: (reason) => this.timeOut(reason),
      onLifetimeOver: (reason) => this.refuse(reason, { kind: 'lifetime', retryable: true }),
      onUndecodable: (error) => this.finish({ kind: 'decode', retryable: false, error }),
    });
  }

  /** Makes the request and resolves when the connection is over; never rejects, and never resolves once aborted. */
  run(): Promise<ConnectionResult> {
    return new Promise((resolve) => {
      this.report = resolve;
      this.send(this.request);
    });
  }

  /** Ends it in whatever phase; nothing is told any more. Resolves when the socket is gone. */
  async abort(): Promise<void> {
    this.end();
    await this.exchange?.abort();
  }

  /** Goes on after {@link ConnectionEvents.onChunkDone} held it up. */
  resume(): void {
    if (!this.over && this.stream.resume()) this.exchange?.resume();
  }

  private send(request: RedirectableRequest): void {
    const { connectTimeoutMs, firstByteTimeoutMs, decompress } = this.settings;
    this.arm(connectTimeoutMs, () => this.timeOut(`was not connected within ${connectTimeoutMs} ms`));
    let reader = UNREAD;
    const { callersHeaders, ...rest } = request;
    this.exchange = this.transport.send(
      { ...rest, headers: composeHeaders(callersHeaders, this.request.lastEventId, decompress) },
      {
        onSent: () =>
          this.arm(firstByteTimeoutMs, () => this.timeOut(`was not answered within ${firstByteTimeoutMs} ms`)),
        onResponse: (status, headers) => {
          reader = this.receive(request, status, headers);
        },
        onData: (chunk) => reader.add(chunk),
        onEnd: () => reader.complete(),
        onError: (error) => (reader.fail ? reader.fail() : this.lose(error)),
      },
    );
    // What it told before it was known could not abort it.
    if (this.over) void this.exchange.abort();
  }

  /** Decides by the head of the response what is done with its body. */
  private receive(request: RedirectableRequest, status: number, received: IncomingHttpHeaders): BodyReader {
    this.disarm();
    const headers = withSecretsHidden(received);
    const verdict = judgeResponse(status, headers, this.settings.statusPolicy);
    switch (verdict.action) {
      case 'stream':
        this.stream.begin();
        this.events.onOpen(status, headers);
        return {
          add: this.stream.add,
          complete: () => {
            this.stream.flush();
            this.finish({ kind: 'end', retryable: true, status, headers });
          },
        };
      case 'stop':
        this.finish({ kind: 'no-content', retryable: false, status, headers });
        return UNREAD;
      case 'redirect':
        void this.redirect(request, status, headers);
        return UNREAD;
      case 'refuse':
        return this.readRefusal(verdict, status, headers);
    }
  }

  private readRefusal(
    { kind, retryable, reason }: ResponseVerdict & { action: 'refuse' },
    status: number,
    headers: IncomingHttpHeaders,
  ): BodyReader {
    const excerpt = new BodyExcerpt();
    const complete = () => this.refuse(reason, { kind, retryable, status, headers, bodyExcerpt: excerpt.toString() });
    this.arm(EXCERPT_TIMEOUT_MS, complete);
    // The status has said what there is to say, even if the body never says why.
    return { add: (chunk) => excerpt.add(chunk) && complete(), complete, fail: complete };
  }

  private async redirect(request: RedirectableRequest, status: number, headers: IncomingHttpHeaders): Promise<void> {
    const next = this.trail.follow(request, status, headers);
    const failure = { kind: 'redirect', status, headers } as const;
    if (typeof next === 'string') {
      // A server that is set up wrongly may be set up rightly again; who does not follow any sees a status like others.
      this.refuse(`was redirected ${next}`, { ...failure, retryable: this.settings.maxRedirects > 0 });
      return;
    }
    void this.exchange?.abort();
    const { connectTimeoutMs } = this.settings;
    this.arm(connectTimeoutMs, () =>
      this.timeOut(`was redirected, and allow did not answer within ${connectTimeoutMs} ms`),
    );
    try {
      const allowed = await isAllowed(next.url, this.settings.allow);
      // A dispatcher that answers at once does so before its exchange is known: only then can that one be given up, too.
      void this.exchange?.abort();
      if (this.over) return;
      if (allowed) this.send(next);
      else this.refuse('was redirected to a URL that the option allow refuses', { ...failure, retryable: false });
    } catch (cause) {
      this.refuse('was redirected, and the function given as allow failed', { ...failure, retryable: true, cause });
    }
  }

  private lose(cause: Error): void {
    this.stream.flush();
    if (cause instanceof SseDecompressError) {
      this.finish({ kind: 'decode', retryable: cause.reason === 'corrupt', error: cause });
    } else if (cause instanceof SseError) {
      // It says that the request cannot be made at all.
      this.finish({ kind: 'request', retryable: false, error: cause });
    } else {
      const retryable = !isFinalFailure(cause);
      this.refuse(`failed: ${describeFailure(cause)}`, { kind: retryable ? 'network' : 'request', retryable, cause });
    }
  }

  private timeOut(reason: string): void {
    this.refuse(reason, { kind: 'timeout', retryable: true });
  }

  /** @param reason the end of a sentence that begins with the request */
  private refuse(reason: string, failure: SseConnectFailure): void {
    const { cause, ...result } = failure;
    const error = new SseConnectError(`${this.request.method} ${safeUrl(this.request.url)} ${reason}`, failure);
    this.finish({ ...result, error });
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
    this.stream.stop();
  }

  private arm(ms: number, onTimeout: () => void): void {
    this.disarm();
    if (ms > 0) this.deadline = setTimeout(onTimeout, ms);
  }

  private disarm(): void {
    clearTimeout(this.deadline);
  }
}
