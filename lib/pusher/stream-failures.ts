import { Logger, type Type } from '@nestjs/common';
import { formatMessage, type SseMessage, SseOptionsError } from '../protocol/index.js';
import { messageOf } from './error-text.js';
import type { EventStream } from './event-stream.js';
import type { SseErrorHandler, SseErrorListener, SseStreamInfo, SseStreamOptions } from './stream-options.js';

/** Finds the instance of an injectable `onError` class. */
export type HandlerLookup = (type: Type<SseErrorHandler>) => SseErrorHandler | Promise<SseErrorHandler>;

/** Says what went wrong on streams, in the log and to `onError`. */
export class StreamFailures {
  readonly #logger = new Logger('SseStream');
  readonly #lookup: HandlerLookup;

  constructor(lookup: HandlerLookup) {
    this.#lookup = lookup;
  }

  /**
   * Finds an injectable `onError` now, so that one that nobody provides is noticed at start-up.
   *
   * @throws SseOptionsError when nobody does
   */
  async checkListener(onError: SseStreamOptions['onError']): Promise<void> {
    if (onError && isHandlerClass(onError)) {
      try {
        await this.#lookup(onError);
      } catch (cause) {
        const problem = `is the class ${onError.name}, which no module provides: add it to the providers of one`;
        throw new SseOptionsError([{ option: 'onError', problem }], { cause });
      }
    }
  }

  /** A handler or source failed: logs it, asks `onError` for a last message, and ends the stream. */
  async endFailed(stream: EventStream, error: unknown): Promise<void> {
    if (stream.state === 'closed') {
      // Mostly an AbortError: whatever was waiting has been told that its client left.
      this.#logger.debug(`${describe(stream.info)} failed after it was closed: ${messageOf(error)}`);
      return;
    }
    this.#logger.error(`${describe(stream.info)} failed: ${messageOf(error)}`, stackOf(error));
    stream.end('error', await this.#lastFrames(stream, error));
  }

  /** A push was refused and its promise never looked at. */
  logUnseen(error: unknown, stream: SseStreamInfo): void {
    this.#logger.error(`${describe(stream)}: a push was refused and nobody awaited it: ${messageOf(error)}`);
  }

  /** A source yielded what cannot be sent. */
  logSkipped(error: unknown, stream: SseStreamInfo): void {
    this.#logger.error(`${describe(stream)}: an item of its source was skipped: ${messageOf(error)}`);
  }

  /** A source was faster than the peer for too long. */
  logOverflow(error: unknown, stream: SseStreamInfo): void {
    this.#logger.warn(`${describe(stream)} was cut off, its peer reads too slowly: ${messageOf(error)}`);
  }

  /** A hook of the application threw; the stream does not suffer from it. */
  logHook(hook: string, error: unknown, stream: SseStreamInfo): void {
    this.#logger.error(`${describe(stream)}: ${hook} failed: ${messageOf(error)}`, stackOf(error));
  }

  async #lastFrames(stream: EventStream, error: unknown): Promise<string[]> {
    try {
      const last = await (await this.#listener(stream))?.(error, stream.info);
      return last === undefined || last === null
        ? []
        : [formatMessage(last as SseMessage | string, stream.settings.serialize)];
    } catch (failure) {
      this.logHook('onError', failure, stream.info);
      return [];
    }
  }

  async #listener(stream: EventStream): Promise<SseErrorListener | undefined> {
    const { onError } = stream.settings;
    if (onError && isHandlerClass(onError)) {
      const handler = await this.#lookup(onError);
      return handler.onError.bind(handler);
    }
    return onError;
  }
}

/** A class may have `onError` as a method or as a property of its instances; only a class cannot be called. */
function isHandlerClass(onError: SseErrorListener | Type<SseErrorHandler>): onError is Type<SseErrorHandler> {
  return typeof onError.prototype?.onError === 'function' || /^class\b/.test(Function.prototype.toString.call(onError));
}

function describe(stream: SseStreamInfo): string {
  return `Stream ${stream.streamId} of ${stream.route}`;
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
