const RESOLVED = Promise.resolve();

/**
 * Hands on in one piece what arrives in one turn: servers write each event as an HTTP chunk of its own, and a socket
 * read holds hundreds of them, which are decoded several times faster together than one by one. Nothing waits longer
 * than the code that is running now.
 */
export class ChunkGatherer {
  private chunks: Uint8Array[] = [];
  private readonly flushNow = () => this.flush();

  constructor(private readonly handOn: (bytes: Uint8Array) => void) {}

  add(chunk: Uint8Array): void {
    if (this.chunks.push(chunk) === 1) {
      // Not queueMicrotask(), which makes an AsyncResource of each call.
      void RESOLVED.then(this.flushNow);
    }
  }

  /** Hands on what is there now: before anything is said that must come after it. */
  flush(): void {
    const { chunks } = this;
    if (chunks.length === 0) return;
    this.chunks = [];
    this.handOn(chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks));
  }
}
