import { describe, expect, it } from '@jest/globals';
import { nextSampleId, parseSampleId } from '../../sample/src/machine/sample-id.js';
import { historyOf, sampleOf } from './support/samples.js';

const ids = (samples: { id: number }[]) => samples.map(({ id }) => id);

describe('SampleHistory', () => {
  it('gives what is newer than a position, in order', () => {
    const history = historyOf(4);
    expect(ids(history.after(102))).toEqual([103, 104]);
    expect(ids(history.after(100))).toEqual([101, 102, 103, 104]);
    expect(history.after(104)).toEqual([]);
  });

  it('keeps no more than its capacity, and knows the newest that is gone', () => {
    const history = historyOf(13, 10);
    expect(history.floor).toBe(103);
    expect(ids(history.after(history.floor))).toEqual([104, 105, 106, 107, 108, 109, 110, 111, 112, 113]);
  });

  it.each([
    [undefined, 'malformed'],
    [102, 'expired'],
    [103, undefined],
    [108, undefined],
    [113, undefined],
    [114, 'future'],
  ])('sees for a reader at %p the gap: %p', (position, reason) => {
    expect(historyOf(13, 10).gapAt(position)).toBe(reason);
  });

  it('finds where a reader of the newest few begins', () => {
    const history = historyOf(5);
    expect(ids(history.after(history.positionBefore(2)))).toEqual([104, 105]);
    expect(history.after(history.positionBefore(0))).toEqual([]);
    expect(history.after(history.positionBefore(-3))).toEqual([]);
    expect(history.after(history.positionBefore(1000))).toHaveLength(5);
  });

  it('has a position to begin at before it has a sample', () => {
    expect(historyOf(0).positionBefore(5)).toBe(100);
  });

  it('refuses a sample that is not newer than all others', () => {
    expect(() => historyOf(2).append(sampleOf(102))).toThrow(RangeError);
  });
});

describe('ids of samples', () => {
  it('are the time, and grow when the clock does not', () => {
    expect(nextSampleId(100, 1100)).toBe(1100);
    expect(nextSampleId(1100, 1100)).toBe(1101);
    expect(nextSampleId(1100, 7)).toBe(1101);
  });

  it('are read back', () => {
    expect(parseSampleId('1795228861649')).toBe(1795228861649);
  });

  it.each(['', '0', '-5', '+5', '05', '1.5', '1e3', ' 5', '5 ', '0x10', 'NaN', '٣', '9'.repeat(16), '9'.repeat(400)])(
    'are nothing that reads %p',
    (text) => expect(parseSampleId(text)).toBeUndefined(),
  );
});
