import { describe, expect, it } from '@jest/globals';
import { median, percentile, ratioOf } from '../../bench/suite/statistics.mjs';
import { subject } from './support/tables.js';

describe('median', () => {
  it('is the middle one of an odd number of values, in whatever order', () => {
    expect(median([30, 4, 5])).toBe(5);
  });

  it('is between the two middle ones of an even number', () => {
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('percentile', () => {
  it('takes of a hundred values the one that so many are below', () => {
    const values = Array.from({ length: 100 }, (_, index) => index);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
  });

  it('takes the last one at the end', () => {
    expect(percentile([1, 2], 1)).toBe(2);
  });
});

describe('ratioOf', () => {
  it('compares each round with the same round of the other', () => {
    const ratio = ratioOf(subject('ours', 3, 10, 5), subject('floor', 2, 20, 2.5), 'cost');
    expect(ratio).toEqual({ median: 1.5, least: 0.5, most: 2 });
  });

  it('refuses subjects that had not the same rounds', () => {
    expect(() => ratioOf(subject('ours', 3), subject('floor', 2, 20), 'cost')).toThrow('rounds of cost');
  });

  it('is not a number where a figure is missing', () => {
    expect(ratioOf(subject('ours', 3), subject('floor', 2), 'other').median).toBeNaN();
  });
});
