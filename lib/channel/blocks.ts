import { createCipheriv } from 'node:crypto';

/** Bytes of a block of AES. */
export const BLOCK_BYTES = 16;

/** What RFC 4493 and RFC 5297 call `dbl`: times x in GF(2^128). */
export function doubled(block: Buffer): Buffer {
  const result = Buffer.allocUnsafe(BLOCK_BYTES);
  let carry = 0;
  for (let at = BLOCK_BYTES - 1; at >= 0; at--) {
    const byte = block[at]!;
    result[at] = (byte << 1) | carry;
    carry = byte >>> 7;
  }
  // Without a branch: the blocks are secrets.
  result[BLOCK_BYTES - 1] = result[BLOCK_BYTES - 1]! ^ (0x87 * carry);
  return result;
}

/** As long as the shorter one of the two. */
export function xor(one: Buffer, other: Buffer): Buffer {
  const result = Buffer.allocUnsafe(Math.min(one.length, other.length));
  for (let at = 0; at < result.length; at++) {
    result[at] = one[at]! ^ other[at]!;
  }
  return result;
}

/** A text of less than a block, with a one bit and zeros behind it. */
export function padded(text: Buffer): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  text.copy(block);
  block[text.length] = 0x80;
  return block;
}

/** Encrypts whole blocks, each by itself: nothing that may be used without a mode around it. */
export type EncryptBlocks = (blocks: Buffer) => Buffer;

/**
 * AES with a key of 16, 24 or 32 bytes. What such modes are made of keeps no state between two calls, so one object of
 * OpenSSL serves them all; to make one for each block would take longer than to encrypt it.
 */
export function aes(key: Buffer): EncryptBlocks {
  const cipher = createCipheriv(`aes-${key.length * 8}-ecb`, key, null).setAutoPadding(false);
  return (blocks) => cipher.update(blocks);
}
