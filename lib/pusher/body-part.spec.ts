import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BodyPart } from './body-part.js';

describe('BodyPart', () => {
  it('has its text as bytes, and as one chunk', () => {
    const { bytes, chunk } = new BodyPart('data: ü\n\n');
    expect(bytes.toString()).toBe('data: ü\n\n');
    expect(chunk.toString()).toBe('a\r\ndata: ü\n\n\r\n');
  });

  it('has both in the same memory, whatever the text and whether its length was known', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(text, fc.boolean(), (each, known) => {
        const part = known ? new BodyPart(each, Buffer.byteLength(each)) : new BodyPart(each);
        const expected = Buffer.from(each);
        expect(part.bytes.equals(expected)).toBe(true);
        expect(part.bytes.buffer).toBe(part.chunk.buffer);
        expect(part.chunk.toString('latin1')).toBe(
          `${expected.length.toString(16)}\r\n${expected.toString('latin1')}\r\n`,
        );
      }),
    );
  });
});
