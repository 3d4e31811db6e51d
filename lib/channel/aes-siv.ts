import { timingSafeEqual } from 'node:crypto';
import { AesCmac } from './aes-cmac.js';
import { aes, BLOCK_BYTES, doubled, type EncryptBlocks, padded, xor } from './blocks.js';

/**
 * AES-SIV (RFC 5297), deterministic authenticated encryption: the same text is always sealed to the same bytes, whoever does
 * it, and these tell nothing of it but its length, and whether it is the same. A MAC of the text is the IV with which it is
 * encrypted, so there is no nonce that anybody could use twice, and nobody without the key makes bytes that open.
 *
 * OpenSSL has it as a cipher, but Node 20 cannot reach that one, nor HMAC and CTR at this price. What is ours is how blocks
 * are put together; the vectors of the RFC and those of another implementation are in the tests.
 */
export class AesSiv {
  readonly #mac: AesCmac;
  readonly #encrypt: EncryptBlocks;
  /** What the header comes to: it is the same for all texts. */
  readonly #header: Buffer;

  /**
   * @param key 32, 48 or 64 bytes: one half for the MAC, the other for the encryption
   * @param header is authenticated with each text, and not part of what is sealed
   */
  constructor(key: Buffer, header: readonly Buffer[] = []) {
    this.#mac = new AesCmac(key.subarray(0, key.length / 2));
    this.#encrypt = aes(key.subarray(key.length / 2));
    this.#header = header.reduce(
      (sum, part) => xor(doubled(sum), this.#mac.of(part)),
      this.#mac.of(Buffer.alloc(BLOCK_BYTES)),
    );
  }

  /** @returns the text, 16 bytes longer */
  seal(text: Buffer): Buffer {
    const iv = this.#ivOf(text);
    return Buffer.concat([iv, this.#crypt(text, iv)]);
  }

  /** @returns undefined for what was not sealed with this key and header */
  open(sealed: Buffer): Buffer | undefined {
    if (sealed.length < BLOCK_BYTES) {
      return undefined;
    }
    const iv = sealed.subarray(0, BLOCK_BYTES);
    const text = this.#crypt(sealed.subarray(BLOCK_BYTES), iv);
    return timingSafeEqual(this.#ivOf(text), iv) ? text : undefined;
  }

  /** Section 2.4, S2V: of the text and the header. */
  #ivOf(text: Buffer): Buffer {
    if (text.length < BLOCK_BYTES) {
      return this.#mac.of(xor(doubled(this.#header), padded(text)));
    }
    const start = text.length - BLOCK_BYTES;
    return this.#mac.of(Buffer.concat([text.subarray(0, start), xor(text.subarray(start), this.#header)]));
  }

  /** Sections 2.5 and 2.6: counter mode, there and back. */
  #crypt(text: Buffer, iv: Buffer): Buffer {
    const counters = Buffer.allocUnsafe(Math.ceil(text.length / BLOCK_BYTES) * BLOCK_BYTES);
    for (let at = 0; at < counters.length; at += BLOCK_BYTES) {
      iv.copy(counters, at);
      // These two bits are left out, so that the last 32 suffice to count.
      counters[at + 8]! &= 0x7f;
      counters.writeUInt32BE((iv.readUInt32BE(12) & 0x7fffffff) + at / BLOCK_BYTES, at + 12);
    }
    return xor(text, this.#encrypt(counters));
  }
}
