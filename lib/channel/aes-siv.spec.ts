import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AesSiv } from './aes-siv.js';

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

/** Of RFC 5297, appendix A. */
const OF_THE_RFC = [
  {
    name: 'A.1',
    key: 'fffefdfc fbfaf9f8 f7f6f5f4 f3f2f1f0 f0f1f2f3 f4f5f6f7 f8f9fafb fcfdfeff',
    header: ['10111213 14151617 18191a1b 1c1d1e1f 20212223 24252627'],
    text: '11223344 55667788 99aabbcc ddee',
    sealed: '85632d07 c6e8f37f 950acd32 0a2ecc93 40c02b96 90c4dc04 daef7f6a fe5c',
  },
  {
    name: 'A.2',
    key: '7f7e7d7c 7b7a7978 77767574 73727170 40414243 44454647 48494a4b 4c4d4e4f',
    header: [
      '00112233 44556677 8899aabb ccddeeff deaddada deaddada ffeeddcc bbaa9988 77665544 33221100',
      '10203040 50607080 90a0',
      '09f91102 9d74e35b d84156c5 635688c0',
    ],
    text: '74686973 20697320 736f6d65 20706c61 696e7465 78742074 6f20656e 63727970 74207573 696e6720 5349562d 414553',
    sealed: `7bdb6e3b 432667eb 06f4d14b ff2fbd0f cb900f2f ddbe4043 26601965 c889bf17 dba77ceb 094fa663 b7a3f748 ba8af829
      ea64ad54 4a272e9c 485b62a3 fd5c0d`,
  },
];

/** Bytes 0, 7, 14, ... sealed with a key of 64 bytes 0, 1, 2, ... by OpenSSL, without a header and with the word `header`. */
const OF_OPENSSL: [length: number, sealed: string, withHeader: string][] = [
  [1, 'b6759eda30cb698f7e1ff274610447bd78', '75d9ea2b65ac6cba8ec73a7fdb3ec8f9f4'],
  [
    16,
    'c13264761f1b87573e6eb0bd0b73dc8d554c7b02b78ab7972e5d273a6072028d',
    'e4ae829b23e0dc2f140b5e4243a9e99f3492b298a2af0191a2a170197e33fafa',
  ],
  [
    20,
    '0a3216de00410375e3e9a8642015b9da7c1be0750a8367b4801f5f60bc3b46b239c81477',
    '0d6b433fb25e66b6cb859284501f89ba52025c45d1aa7b586ee01276f49dc299133679f0',
  ],
  [
    33,
    '5e8af13256155ad1f6d669f92dda6695b1ef50e8741ec19a6eaf7d3ff7a6062d6e9ab70996456b72c68cc217ba4b68050a',
    '47b51ffbc485879362d9292708d06390029575b83a0012d9b4d047d4ba2c111a624441a8c01bbf44d57ab38863d647a3e9',
  ],
];

const KEY = Buffer.from(Array.from({ length: 64 }, (_, n) => n));
const bytes = fc.uint8Array({ maxLength: 100 }).map((each) => Buffer.from(each));

describe('AES-SIV', () => {
  it.each(OF_THE_RFC)('gives vector $name of the RFC, and opens it', ({ key, header, text, sealed }) => {
    const siv = new AesSiv(hex(key), header.map(hex));
    expect(siv.seal(hex(text))).toEqual(hex(sealed));
    expect(siv.open(hex(sealed))).toEqual(hex(text));
  });

  it.each(OF_OPENSSL)(
    'gives with a key of 64 bytes what another implementation gives: %i bytes',
    (length, ...sealed) => {
      const text = Buffer.from(Array.from({ length }, (_, n) => 7 * n));
      for (const [siv, expected] of [
        [new AesSiv(KEY), sealed[0]],
        [new AesSiv(KEY, [Buffer.from('header')]), sealed[1]],
      ] as const) {
        expect(siv.seal(text).toString('hex')).toBe(expected);
        expect(siv.open(hex(expected))).toEqual(text);
      }
    },
  );

  it('opens what it has sealed, and seals the same to the same', () => {
    const siv = new AesSiv(KEY);
    fc.assert(
      fc.property(bytes, (text) => {
        const sealed = siv.seal(text);
        expect(siv.open(sealed)).toEqual(text);
        expect(new AesSiv(KEY).seal(text)).toEqual(sealed);
        expect(sealed).toHaveLength(text.length + 16);
      }),
    );
  });

  it('opens nothing that is too short, nor of another key or header', () => {
    const siv = new AesSiv(KEY);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 15 }), (short) => siv.open(Buffer.from(short)) === undefined));
    fc.assert(
      fc.property(bytes, (text) => {
        expect(new AesSiv(Buffer.from(KEY).reverse()).open(siv.seal(text))).toBeUndefined();
        expect(new AesSiv(KEY, [Buffer.from('header')]).open(siv.seal(text))).toBeUndefined();
      }),
    );
  });
});
