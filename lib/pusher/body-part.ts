/**
 * Bytes of a body, encoded once for everybody whom they are sent to: as they are, and as one chunk (RFC 9112 7.1). Both lie
 * in the same memory.
 */
export class BodyPart {
  readonly bytes: Buffer;
  readonly chunk: Buffer;

  /**
   * @param text not empty, for an empty chunk ends a body
   * @param length bytes of the text
   */
  constructor(text: string, length = Buffer.byteLength(text)) {
    const size = `${length.toString(16)}\r\n`;
    this.chunk = Buffer.from(`${size}${text}\r\n`);
    this.bytes = this.chunk.subarray(size.length, size.length + length);
  }
}
