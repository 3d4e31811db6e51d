import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatPosition, parsePosition, sumOfFloors } from './position.js';

const epoch = fc.stringMatching(/^[0-9A-Za-z]{1,32}$/);
const seq = fc.maxSafeNat();

describe('positions', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(epoch, seq, fc.option(seq, { nil: undefined }), (name, at, told) => {
        const position = { epoch: name, seq: at, told };
        expect(parsePosition(formatPosition(position))).toEqual(position);
      }),
    );
  });

  it('are nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-z]{0,3}-?[0-9.e+]{0,20}$/)), (text) => {
        const position = parsePosition(text);
        expect(position === undefined || formatPosition(position) === text).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    '-',
    'a-',
    '-1',
    'a-01',
    'a--1',
    'a-1.',
    'a-1.01',
    'a-1.2.3',
    'a-1 ',
    ' a-1',
    'a_b-1',
    'a-1\n',
    `${'a'.repeat(33)}-1`,
    'a-9007199254740992',
    'a-1.9007199254740992',
  ])('are not %j', (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });

  it('add up to sums that say whether anything was lost since', () => {
    expect(sumOfFloors([{ floor: 3 }, { floor: 4 }])).toBe(7);
    const high = [{ floor: Number.MAX_SAFE_INTEGER }, { floor: Number.MAX_SAFE_INTEGER - 1 }];
    const higher = [{ floor: Number.MAX_SAFE_INTEGER }, { floor: Number.MAX_SAFE_INTEGER }];
    expect(Number.isSafeInteger(sumOfFloors(high))).toBe(true);
    expect(sumOfFloors(higher)).not.toBe(sumOfFloors(high));
  });
});
