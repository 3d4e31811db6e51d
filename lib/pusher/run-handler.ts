import type { EventStream } from './event-stream.js';
import { isPromise } from './is-promise.js';
import { startSource } from './pipe-source.js';
import type { SourceEnd } from './shared-stream.js';
import { SseSourceError } from './source.error.js';
import { type RunnableSource, toRunnableSource } from './sources.js';
import type { StreamFailures } from './stream-failures.js';

/** How long the head is held for a handler's promise, and for a source that opens the stream itself: a late 404 is still a 404. */
const HANDLER_OPEN_AFTER_MS = 10_000;

/** How long the head is held for the first value of an iterator. */
const FIRST_VALUE_OPEN_AFTER_MS = 250;

/** A handler of `@SseStream()`, ready to be called. */
export interface StreamHandler {
  call(): unknown;
  /** Whether it takes the pusher, and so may return nothing. */
  readonly takesPusher: boolean;
}

/**
 * Calls a handler and streams what it returns.
 *
 * @returns resolves as soon as the stream has opened or closed, not when it ends: what waits for a handler, a timeout
 * interceptor for instance, would cut off every quiet stream. Rejects with what the handler or its source throws before
 * the stream opens, so that exception filters answer.
 */
export function runHandler(stream: EventStream, failures: StreamFailures, handler: StreamHandler): Promise<void> {
  return new Promise((resolve, reject) => new HandlerRun(stream, failures).start(handler, resolve, reject));
}

/** A handler that runs. While its stream is open it holds on to nothing else: neither the handler nor its arguments. */
class HandlerRun implements SourceEnd {
  readonly #stream: EventStream;
  readonly #failures: StreamFailures;
  /** Takes what fails while the stream is pending. */
  #reject: ((error: unknown) => void) | undefined;

  constructor(stream: EventStream, failures: StreamFailures) {
    this.#stream = stream;
    this.#failures = failures;
  }

  /** @param decided called when the stream has opened or closed */
  start(handler: StreamHandler, decided: () => void, reject: (error: unknown) => void): void {
    this.#reject = reject;
    this.#stream.onceDecided(() => {
      this.#reject = undefined;
      decided();
    });
    this.#run(handler).catch((error) => this.failed(error));
  }

  ended(): void {
    this.#stream.end('ended');
  }

  failed(error: unknown): void {
    if (this.#reject) {
      this.#reject(error);
      this.#stream.abandon();
    } else {
      void this.#failures.endFailed(this.#stream, error);
    }
  }

  async #run(handler: StreamHandler): Promise<void> {
    const stream = this.#stream;
    const given = handler.call();
    const result = isPromise(given) ? await holdOpening(stream, given) : given;
    if (result !== undefined) {
      this.#runSource(toRunnableSource(result));
    } else if (stream.state === 'pending' && stream.exchange.answered) {
      // By the handler itself, through @Res(): with 204, after which EventSource stops asking, or with a redirect.
      stream.abandon('ended');
    } else if (handler.takesPusher) {
      openUnlessHeldForMessage(stream);
    } else {
      throw new SseSourceError(`${stream.info.route} returned nothing to stream`);
    }
  }

  #runSource(source: RunnableSource): void {
    const stream = this.#stream;
    startSource(source, stream, this.#failures, this);
    if (stream.state !== 'pending') {
      return;
    }
    if (source.opens === 'at-once') {
      // An Observable that fails while it is subscribed to has rejected by then, and gives its own status.
      setImmediate(() => openUnlessHeldForMessage(stream));
    } else {
      openLater(stream, source.opens === 'by-itself' ? HANDLER_OPEN_AFTER_MS : FIRST_VALUE_OPEN_AFTER_MS);
    }
  }
}

/** Opens the stream when what is waited for takes too long. */
async function holdOpening(stream: EventStream, given: PromiseLike<unknown>): Promise<unknown> {
  const cancel = openLater(stream, HANDLER_OPEN_AFTER_MS);
  try {
    return await given;
  } finally {
    cancel();
  }
}

/** Opens the stream when `openAfterMs` is up, unless it has opened or closed by then. @returns thinks better of it */
function openLater(stream: EventStream, defaultMs: number): () => void {
  const { openAfterMs = defaultMs } = stream.settings;
  if (openAfterMs === 'first-message') {
    return () => {};
  }
  const timer = setTimeout(() => stream.open(), openAfterMs);
  const cancel = () => clearTimeout(timer);
  stream.onceDecided(cancel);
  return cancel;
}

function openUnlessHeldForMessage(stream: EventStream): void {
  if (stream.settings.openAfterMs !== 'first-message') {
    stream.open();
  }
}
