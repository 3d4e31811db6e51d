import type { SseCloseReason } from './close-reason.js';
import type { ManagedStream } from './managed-stream.js';
import type { StreamFailures } from './stream-failures.js';
import type { SseRefusalReason } from './stream-gate.js';
import type { SseStreamInfo } from './stream-options.js';
import type { StreamObserver } from './stream-services.js';

interface RefusalObserver {
  /** A request got no stream. */
  refused(info: SseStreamInfo, reason: SseRefusalReason): void;
}

/** Told of those steps in the life of every stream that it has a method for. */
export type StreamWatcher = Partial<Omit<StreamObserver, 'writeFailed'> & RefusalObserver>;

/** The book of all streams of a module: what is under way, and how the others ended. */
export class StreamLedger implements StreamObserver, RefusalObserver {
  /** Also those whose head is still held, and those that have ended and are not yet gone. */
  readonly #streams = new Set<ManagedStream>();
  readonly #failures: StreamFailures;
  readonly #watchers = new Set<StreamWatcher>();
  readonly #closedCounts = new Map<SseCloseReason, number>();
  readonly #refusedCounts = new Map<SseRefusalReason, number>();
  #openCount = 0;
  #refusing = false;

  constructor(failures: StreamFailures) {
    this.#failures = failures;
  }

  /** Streams that are open now. */
  get count(): number {
    return this.#openCount;
  }

  /** How many streams have ended since the start, by reason. */
  closedCounts(): ReadonlyMap<SseCloseReason, number> {
    return new Map(this.#closedCounts);
  }

  /** How many requests have got no stream since the start, by reason. */
  refusedCounts(): ReadonlyMap<SseRefusalReason, number> {
    return new Map(this.#refusedCounts);
  }

  /** Whether new streams are to be refused, for the application closes. */
  get refusing(): boolean {
    return this.#refusing;
  }

  refuseNew(): void {
    this.#refusing = true;
  }

  /** Streams whose response is not over yet. */
  unfinished(): ManagedStream[] {
    return [...this.#streams];
  }

  /** How many those are. */
  get unfinishedCount(): number {
    return this.#streams.size;
  }

  /**
   * Has somebody told of every stream from now on. What a watcher throws goes to whoever has caused it, so it must not.
   *
   * @returns ends it
   */
  watch(watcher: StreamWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  refused(info: SseStreamInfo, reason: SseRefusalReason): void {
    this.#refusedCounts.set(reason, (this.#refusedCounts.get(reason) ?? 0) + 1);
    for (const watcher of this.#watchers) {
      watcher.refused?.(info, reason);
    }
  }

  created(stream: ManagedStream): void {
    this.#streams.add(stream);
    for (const watcher of this.#watchers) {
      watcher.created?.(stream);
    }
  }

  opened(stream: ManagedStream): void {
    this.#openCount++;
    for (const watcher of this.#watchers) {
      watcher.opened?.(stream);
    }
    void this.#call(stream, 'onOpen', () => stream.settings.onOpen?.(stream.info));
  }

  closed(stream: ManagedStream, reason: SseCloseReason): void {
    this.#openCount--;
    this.#closedCounts.set(reason, (this.#closedCounts.get(reason) ?? 0) + 1);
    for (const watcher of this.#watchers) {
      watcher.closed?.(stream, reason);
    }
    void this.#call(stream, 'onClose', () => stream.settings.onClose?.(stream.info, reason));
  }

  writeFailed(stream: ManagedStream, error: unknown): void {
    this.#failures.logHook('its response', error, stream.info);
  }

  gone(stream: ManagedStream): void {
    if (!this.#streams.delete(stream)) {
      return;
    }
    for (const watcher of this.#watchers) {
      watcher.gone?.(stream);
    }
  }

  /** A hook may well be an async function, whose rejection would end the process if nobody took it. */
  async #call(stream: ManagedStream, hook: string, call: () => unknown): Promise<void> {
    try {
      await call();
    } catch (error) {
      this.#failures.logHook(hook, error, stream.info);
    }
  }
}
