import { describe, expect, it } from '@jest/globals';
import { RepeatedPart } from './repeated-part.js';

describe('RepeatedPart', () => {
  it('is the same for as long as the text is', () => {
    const repeated = new RepeatedPart();
    const ping = repeated.of(': ping\n\n');
    expect(ping.bytes.toString()).toBe(': ping\n\n');
    expect(repeated.of([': ping', '\n\n'].join(''))).toBe(ping);
    const other = repeated.of('id: 1\n\n');
    expect(other.bytes.toString()).toBe('id: 1\n\n');
    expect(repeated.of(': ping\n\n').bytes).toEqual(ping.bytes);
  });
});
