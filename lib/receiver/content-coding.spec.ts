import { describe, expect, it } from '@jest/globals';
import { contentCodingOf } from './content-coding.js';

describe('contentCodingOf', () => {
  it.each([
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['br', 'br'],
    [' GZip ', 'gzip'],
    ['gzip, br', undefined],
    ['gzip, gzip', undefined],
    ['zstd', undefined],
    ['identity', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('takes %j for %s', (header, coding) => {
    expect(contentCodingOf({ 'content-encoding': header })).toBe(coding);
  });
});
