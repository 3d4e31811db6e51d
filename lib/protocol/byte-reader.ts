/** The part of a web `ReadableStream` that is needed to read it, whichever library declares it. */
export interface ByteStream {
  /** Takes hold of the stream; bytes are read through what this gives. */
  getReader(): {
    read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
  };
}

/** One way to read all sources of bytes. */
export interface ByteReader {
  /** The next bytes; `undefined` at the end, and once cancelled. */
  read(): Promise<Uint8Array | undefined>;
  /** Gives the source up, even while a read waits. Idempotent, and never rejects: nobody is interested any more. */
  cancel(): Promise<void>;
}

/** Takes hold of a source. */
export function openBytes(source: AsyncIterable<Uint8Array> | ByteStream): ByteReader {
  const { next, release } = 'getReader' in source ? fromStream(source) : fromIterable(source);
  let released: Promise<void> | undefined;
  return {
    async read() {
      try {
        const { done, value } = await next();
        return done || released !== undefined ? undefined : value;
      } catch (error) {
        if (released !== undefined) return undefined;
        throw error;
      }
    },
    cancel() {
      released ??= release().catch(() => {});
      return released;
    },
  };
}

interface Source {
  next(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }>;
  release(): Promise<void>;
}

function fromStream(stream: ByteStream): Source {
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    async release() {
      await reader.cancel().finally(() => reader.releaseLock());
    },
  };
}

/** A Node stream is destroyed as well, for its iterator does not listen while it waits for bytes. */
function fromIterable(source: AsyncIterable<Uint8Array> & { destroy?: () => void }): Source {
  const iterator = source[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    async release() {
      source.destroy?.();
      await iterator.return?.();
    },
  };
}
