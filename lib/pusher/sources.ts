import { isObservable, Observable, takeUntil } from 'rxjs';
import type { SseMessage } from '../protocol/index.js';
import { SELF_WRITING, type SelfWriter, type SharedStream } from './shared-stream.js';
import { SseSourceError } from './source.error.js';

/** What a source yields. Nest's `MessageEvent` is one too: its `type` is read as `event`. */
export type SseItem = SseMessage | NestMessageEvent | string;

/** The shape of Nest's own `MessageEvent`, so that handlers of `@Sse()` move over as they are. */
export interface NestMessageEvent {
  data: string | object;
  id?: string;
  type?: string;
  retry?: number;
}

/** Where messages can come from. */
export type SseSource =
  | Observable<SseItem>
  | AsyncIterable<SseItem>
  // A bare string is an iterable of its characters, and never meant as one.
  | (Iterable<SseItem> & object)
  | ReadableStream<SseItem>;

/** Takes what a source yields. */
export interface SourceConsumer {
  /** Where a source writes that does so by itself. */
  readonly stream: SharedStream;
  /** @returns whether more is wanted, possibly later */
  take(item: SseItem): Promise<boolean>;
  /** Takes an item from a source that cannot be asked to wait. */
  takeUnasked(item: SseItem): void;
  /** Runs once when nothing more is wanted. @returns takes the listener off again */
  onceClosed(listener: () => void): () => void;
}

/** A source that is ready to run. */
export interface RunnableSource {
  /** What opens the stream: the source at once, for an Observable may be silent for long; its first value; or itself. */
  readonly opens: 'at-once' | 'with-first-value' | 'by-itself';
  /** Hands everything to the consumer; resolves when the source has ended or nothing more is wanted, rejects when it fails. */
  run(consumer: SourceConsumer): Promise<void>;
  /** Lets go of a source that will not be run. */
  release(): void;
  /** Of a source that writes by itself, for who can do without the promise of {@link run}. */
  readonly writer?: SelfWriter;
}

/** @throws SseSourceError for what is no source */
export function toRunnableSource(source: unknown): RunnableSource {
  if (isObservable(source)) {
    const run = (consumer: SourceConsumer) => runObservable(source as Observable<SseItem>, consumer);
    return { opens: 'at-once', run, release() {} };
  }
  if (typeof source === 'object' && source !== null) {
    const writer = (source as { [SELF_WRITING]?: SelfWriter })[SELF_WRITING];
    if (writer) {
      const run = ({ stream }: SourceConsumer) =>
        new Promise<void>((ended, failed) => writer.writeInto(stream, { ended, failed }));
      return { opens: 'by-itself', run, release: () => writer.release(), writer };
    }
    const iterator = openIterator(source);
    if (iterator) {
      return {
        opens: 'with-first-value',
        run: (consumer) => runIterator(iterator, consumer),
        release: () => leave(iterator),
      };
    }
  }
  throw new SseSourceError(`Cannot stream ${source === null ? 'null' : `a value of type ${typeof source}`}`);
}

export type AnyIterator = Iterator<SseItem> | AsyncIterator<SseItem>;

/** @returns nothing for what cannot be asked for one message after the other */
export function openIterator(source: object): AnyIterator | undefined {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = source as AsyncIterable<SseItem> &
    Iterable<SseItem>;
  if (isWebStream(source)) {
    return readerIterator(source);
  }
  return typeof async === 'function' ? async.call(source) : typeof sync === 'function' ? sync.call(source) : undefined;
}

function isWebStream(source: object): source is ReadableStream<SseItem> {
  return typeof (source as ReadableStream).getReader === 'function';
}

/** The stream's own iterator waits for a pending read before it cancels; a reader cancels at once. */
function readerIterator(stream: ReadableStream<SseItem>): AsyncIterator<SseItem> {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<SseItem>>,
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

function runIterator(iterator: AnyIterator, consumer: SourceConsumer): Promise<void> {
  return new Promise((resolve, reject) => {
    let wanted = true;
    const stopListening = consumer.onceClosed(() => {
      wanted = false;
      leave(iterator);
      // The stream's end is not kept waiting by a source that is still thinking about its next value.
      resolve();
    });
    const takeAll = async (): Promise<void> => {
      while (wanted) {
        const next = await iterator.next();
        if (next.done) {
          return;
        }
        wanted &&= await consumer.take(next.value);
      }
    };
    takeAll().finally(stopListening).then(resolve, reject);
  });
}

/**
 * Tells an iterator that nobody wants more. It may be in the middle of something, so it is not waited for; nor is it told
 * at once, for a synchronous generator in which the stream was closed is running, and cannot return before its next yield.
 */
export function leave(iterator: AnyIterator): void {
  // One that fails to clean up has nobody left to tell.
  Promise.resolve()
    .then(() => iterator.return?.())
    .catch(() => {});
}

function runObservable(source: Observable<SseItem>, consumer: SourceConsumer): Promise<void> {
  // Listened to before the subscription exists: an Observable may emit, for ever, within subscribe() itself.
  const closed = new Observable<void>((subscriber) => consumer.onceClosed(() => subscriber.next()));
  return new Promise((resolve, reject) => {
    source.pipe(takeUntil(closed)).subscribe({
      next: (item) => consumer.takeUnasked(item),
      error: reject,
      complete: resolve,
    });
  });
}
