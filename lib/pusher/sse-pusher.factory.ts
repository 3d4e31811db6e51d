import { Inject, Injectable } from '@nestjs/common';
import { EVENT_STREAM_HEADERS, SseOptionsError } from '../protocol/index.js';
import { assertOptions } from '../protocol/internal.js';
import { acceptsEventStream } from './accepts-event-stream.js';
import { findStreamOptionProblems } from './check-stream-options.js';
import type { SseCloseReason } from './close-reason.js';
import { EventStream } from './event-stream.js';
import { isEndedFor } from './farewell.js';
import { HttpExchange } from './http-exchange.js';
import { SseNotAcceptableException } from './not-acceptable.exception.js';
import { PUSHER_RUNTIME, type PusherRuntime } from './pusher-runtime.js';
import { readLastEventId } from './read-last-event-id.js';
import { refuseStream } from './refuse-stream.js';
import { SsePusher } from './sse-pusher.js';
import type { StreamAuthority, StreamWarrant } from './stream-authority.js';
import type { CountedRefusal } from './stream-gate.js';
import { readKeys } from './stream-keys.js';
import type { SseStreamInfo, SseStreamOptions } from './stream-options.js';
import { mergeStreamOptions, type StreamSettings } from './stream-settings.js';

/**
 * Makes pushers out of responses, for handlers that take `@Res()` themselves and for servers of node's own `http` and
 * `http2`. A route with `@SseStream()` needs no factory.
 *
 * @example
 * ```ts
 * class Ticks { @Get('ticks') ticks(@Req() request: Request, @Res() response: Response) {
 *   const pusher = this.pushers.create(request, response, { pingMs: 5000 });
 *   void pusher.pipe(this.ticks$, { end: true });
 * } }
 * ```
 */
@Injectable()
export class SsePusherFactory {
  readonly #settings = new WeakMap<SseStreamOptions, StreamSettings>();
  #streams = 0;

  /** @internal */
  constructor(
    /** @internal */
    @Inject(PUSHER_RUNTIME) readonly runtime: PusherRuntime,
  ) {}

  /**
   * @param request of Express, Fastify, node http or node http2
   * @param response that belongs to it; nothing may have been sent yet
   * @param options what is different from the module's defaults. Keep the object and hand it in again: it is checked once
   * @returns a pusher; a closed one when the request was answered at once: HEAD, a stream that has ended for good
   * (`onEnd: 'stop'`) or was replaced, an application that closes, a limit with `refuseWith: 'reconnect'`
   * @throws SseOptionsError for options that cannot be used
   * @throws SseCapacityException while the application closes, and for a stream over a limit, with `refuseWith: 'status'`;
   * the response has its `Retry-After`, and is still to be answered
   * @throws SseExpiredException for a request whose time is over by `reauthorize.until`; where that gives a promise the stream
   * ends instead
   * @throws SseNotAcceptableException with `requireAccept`, for a client that does not take event streams
   */
  create(request: unknown, response: unknown, options?: SseStreamOptions): SsePusher {
    return new SsePusher(this.createStream(request, response, options), this.runtime.failures);
  }

  /** @internal What the pusher of a decorated route stands on. */
  createStream(
    request: unknown,
    response: unknown,
    options?: SseStreamOptions,
    origin?: Pick<SseStreamInfo, 'route' | 'executionContext'>,
    warrant: StreamWarrant | undefined = this.warrantFor(request, options, origin?.executionContext),
  ): EventStream {
    const settings = this.#settingsFor(options);
    const exchange = new HttpExchange(request, response);
    if (exchange.session) {
      this.runtime.sessions.add(exchange.session);
    }
    const lastEventId = readLastEventId(exchange.request, settings.maxLastEventIdBytes);
    const { route = routeOf(exchange), ...context } = origin ?? {};
    const keys = readKeys(settings.keys, request);
    const info = { streamId: ++this.#streams, route, lastEventId, keys, ...context };
    const answeredFor = this.#answerAtOnce(exchange, settings, info);
    const stream = new EventStream(exchange, info, settings, this.runtime.services);
    if (answeredFor) {
      stream.abandon(answeredFor);
    } else {
      warrant?.begin(stream);
    }
    return stream;
  }

  /**
   * @internal For how long a request may have a stream, where its options limit that.
   *
   * @throws what the request is answered with when it may have none
   */
  warrantFor(
    request: unknown,
    options: SseStreamOptions | undefined,
    executionContext: SseStreamInfo['executionContext'],
  ): StreamWarrant | undefined {
    const { reauthorize } = this.#settingsFor(options);
    return reauthorize ? this.#authority.warrantFor({ request, reauthorize, executionContext }) : undefined;
  }

  /** Where nobody would see to it, a stream is not to be had at all. */
  get #authority(): StreamAuthority {
    if (!this.runtime.authority) {
      throw new SseOptionsError([{ option: 'reauthorize', problem: 'needs the module: import SseModule.forRoot()' }]);
    }
    return this.runtime.authority;
  }

  /** Some requests get no stream. @returns why, if this is one of them */
  #answerAtOnce(exchange: HttpExchange, settings: StreamSettings, info: SseStreamInfo): SseCloseReason | undefined {
    if (exchange.gone || exchange.answered) {
      return undefined;
    }
    if (settings.requireAccept && !acceptsEventStream(exchange.request.headers.accept)) {
      throw new SseNotAcceptableException();
    }
    if (this.runtime.ledger.refusing) {
      this.#refuse(exchange, settings, info, {
        status: 503,
        reason: 'shutdown',
        why: 'The server is shutting down, try again on another instance',
        refuseWith: this.runtime.shutdown.refuseWith,
      });
      return 'shutdown';
    }
    if (exchange.request.method === 'HEAD') {
      exchange.answer(200, { ...EVENT_STREAM_HEADERS, ...settings.headers });
      return 'ended';
    }
    if (isEndedFor(info.lastEventId, settings)) {
      exchange.answer(204);
      return 'ended';
    }
    const refusal = this.runtime.gate?.admit(info);
    if (refusal) {
      this.#refuse(exchange, settings, info, refusal);
      return 'refused';
    }
    return undefined;
  }

  #refuse(exchange: HttpExchange, settings: StreamSettings, info: SseStreamInfo, refusal: CountedRefusal): void {
    this.runtime.ledger.refused(info, refusal.reason);
    refuseStream(exchange, settings, refusal, this.runtime.shutdown, this.runtime.services.random);
  }

  #settingsFor(options: SseStreamOptions | undefined): StreamSettings {
    if (options === undefined) {
      return this.runtime.settings;
    }
    let settings = this.#settings.get(options);
    if (!settings) {
      assertOptions(findStreamOptionProblems(options));
      settings = mergeStreamOptions(this.runtime.settings, options);
      this.#settings.set(options, settings);
    }
    return settings;
  }
}

/** Without the query, which may hold what no log should. */
function routeOf({ request }: HttpExchange): string {
  return `${request.method} ${request.url?.split('?', 1)[0]}`;
}
