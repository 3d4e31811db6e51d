import { aes, BLOCK_BYTES, doubled, type EncryptBlocks, padded, xor } from './blocks.js';

/** AES-CMAC (RFC 4493): a block that says which text it is made of, to whoever has the key. */
export class AesCmac {
  readonly #encrypt: EncryptBlocks;
  /** Mixed into a last block that is whole, */
  readonly #forWhole: Buffer;
  /** and into one that had to be padded. */
  readonly #forPadded: Buffer;

  constructor(key: Buffer) {
    this.#encrypt = aes(key);
    this.#forWhole = doubled(this.#encrypt(Buffer.alloc(BLOCK_BYTES)));
    this.#forPadded = doubled(this.#forWhole);
  }

  of(text: Buffer): Buffer {
    let chain: Buffer = Buffer.alloc(BLOCK_BYTES);
    let at = 0;
    for (; text.length - at > BLOCK_BYTES; at += BLOCK_BYTES) {
      chain = this.#encrypt(xor(text.subarray(at, at + BLOCK_BYTES), chain));
    }
    const last = text.subarray(at);
    const end = last.length === BLOCK_BYTES ? xor(last, this.#forWhole) : xor(padded(last), this.#forPadded);
    return this.#encrypt(xor(end, chain));
  }
}
