import { BYTE_ORDER_MARK } from './bytes.js';
import type { CarryBuffer } from './carry-buffer.js';

/**
 * Skips the one byte order mark that a stream may start with, however it is cut; any later one is data. WHATWG HTML,
 * section 9.2.6; WHATWG Encoding, "UTF-8 decode".
 */
export class ByteOrderMark {
  #matched = 0;
  #done = false;

  /** Where the stream goes on in `chunk`. What only looked like the start of a mark is put into `carry`. */
  skip(chunk: Buffer, carry: CarryBuffer): number {
    if (this.#done) return 0;
    for (let at = 0; at < chunk.length; at++) {
      if (chunk[at] !== BYTE_ORDER_MARK[this.#matched]) {
        this.#done = true;
        carry.append(BYTE_ORDER_MARK, 0, this.#matched - at);
        return 0;
      }
      this.#matched++;
      if (this.#matched === BYTE_ORDER_MARK.length) {
        this.#done = true;
        return at + 1;
      }
    }
    return chunk.length;
  }

  /** Whether only a part of a mark has come. */
  get isPartial(): boolean {
    return !this.#done && this.#matched > 0;
  }
}
