import type { EventStream } from './event-stream.js';
import { pipeSource } from './pipe-source.js';
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
  return new Promise((resolve, reject) => {
    stream.onceOpen(resolve);
    stream.onceClosed(resolve);
    streamResult(stream, failures, handler).catch((error) => {
      if (stream.state === 'pending') {
        reject(error);
        stream.abandon();
      } else {
        void failures.endFailed(stream, error);
      }
    });
  });
}

async function streamResult(stream: EventStream, failures: StreamFailures, handler: StreamHandler): Promise<void> {
  const result = await holdOpening(stream, HANDLER_OPEN_AFTER_MS, () => handler.call());
  if (result === undefined) {
    if (stream.state === 'pending' && stream.exchange.answered) {
      // By the handler itself, through @Res(): with 204, after which EventSource stops asking, or with a redirect.
      stream.abandon('ended');
      return;
    }
    if (!handler.takesPusher) {
      throw new SseSourceError(`${stream.info.route} returned nothing to stream`);
    }
    openUnlessHeldForMessage(stream);
    return;
  }
  await runSource(toRunnableSource(result), stream, failures);
  stream.end('ended');
}

function runSource(source: RunnableSource, stream: EventStream, failures: StreamFailures): Promise<void> {
  if (source.opens !== 'at-once') {
    const afterMs = source.opens === 'by-itself' ? HANDLER_OPEN_AFTER_MS : FIRST_VALUE_OPEN_AFTER_MS;
    return holdOpening(stream, afterMs, () => pipeSource(source, stream, failures));
  }
  const piped = pipeSource(source, stream, failures);
  // An Observable that fails while it is subscribed to has rejected by then, and gives its own status.
  setImmediate(() => openUnlessHeldForMessage(stream));
  return piped;
}

/** Opens the stream when what is called takes too long, or has not answered when `openAfterMs` is up. */
async function holdOpening<T>(stream: EventStream, defaultMs: number, call: () => T | Promise<T>): Promise<T> {
  const { openAfterMs = defaultMs } = stream.settings;
  if (openAfterMs === 'first-message') {
    return call();
  }
  const timer = setTimeout(() => stream.open(), openAfterMs);
  const cancel = () => clearTimeout(timer);
  const forget = stream.onceClosed(cancel);
  stream.onceOpen(cancel);
  try {
    return await call();
  } finally {
    cancel();
    forget();
  }
}

function openUnlessHeldForMessage(stream: EventStream): void {
  if (stream.settings.openAfterMs !== 'first-message') {
    stream.open();
  }
}
