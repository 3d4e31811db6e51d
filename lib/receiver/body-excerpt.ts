const EXCERPT_BYTES = 1_024;

/** The first bytes of a refused response, which often say why it was refused. */
export class BodyExcerpt {
  private readonly chunks: Uint8Array[] = [];
  private bytes = 0;

  /** Takes what it needs of a chunk; true when it has enough. */
  add(chunk: Uint8Array): boolean {
    // A copy: what is kept with an error must not keep a whole socket buffer alive.
    const part = Uint8Array.from(chunk.subarray(0, EXCERPT_BYTES - this.bytes));
    this.chunks.push(part);
    this.bytes += part.length;
    return this.bytes >= EXCERPT_BYTES;
  }

  /** As text; a character that was cut in two at the end is left out. */
  toString(): string {
    return new TextDecoder().decode(Buffer.concat(this.chunks), { stream: true });
  }
}
