const RESOLVED = Promise.resolve();

/**
 * Hands on in one piece what arrives in one turn: servers write each event as an HTTP chunk of its own, and a socket
 * read holds hundreds of them, which are decoded several times faster together than one by one. Nothing waits longer
 * than the code that is running now.
 */
export class ChunkGatherer {
  /** Of a quiet stream it is the only one, so it needs no array. */
  private first: Uint8Array | undefined;
  private others: Uint8Array[] = [];
  private readonly flushNow = () => this.flush();

  constructor(private readonly handOn: (bytes: Uint8Array) => void) {}

  add(chunk: Uint8Array): void {
    if (this.first) {
      this.others.push(chunk);
      return;
    }
    this.first = chunk;
    // Not queueMicrotask(), which makes an AsyncResource of each call.
    void RESOLVED.then(this.flushNow);
  }

  /** Hands on what is there now: before anything is said that must come after it. */
  flush(): void {
    const { first, others } = this;
    if (!first) return;
    this.first = undefined;
    if (others.length === 0) {
      this.handOn(first);
      return;
    }
    this.others = [];
    this.handOn(Buffer.concat([first, ...others]));
  }
}
