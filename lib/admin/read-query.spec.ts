import { describe, expect, it } from '@jest/globals';
import { BadRequestException } from '@nestjs/common';
import { readFilterQuery, readId, readLimit } from './read-query.js';

describe('the query of a list', () => {
  it('may be empty', () => {
    expect(readFilterQuery({}, 200)).toEqual({ after: 0, limit: 200 });
  });

  it('filters by everything that a filter has, and pages', () => {
    const query = { id: '3', route: 'GET /a', 'key.user': '7', 'key.tenant.id': 'x', after: '12', limit: '50' };
    expect(readFilterQuery(query, 200)).toEqual({
      id: 3,
      route: 'GET /a',
      keys: { user: '7', 'tenant.id': 'x' },
      after: 12,
      limit: 50,
    });
  });

  it('gives no more rows than the module does', () => {
    expect(readLimit('5000', 200)).toBe(200);
    expect(readLimit(undefined, 200)).toBe(200);
  });

  it.each([
    ['an unknown parameter', { user: '7' }],
    ['a key without a name', { 'key.': '7' }],
    ['a parameter that is there twice', { route: ['a', 'b'] }],
    ['a key that is there twice', { 'key.user': ['7', '8'] }],
    ['an id that is no number', { id: '7x' }],
    ['an empty id', { id: '' }],
    ['an id that is no safe number', { id: '99999999999999999999' }],
    ['an id below the first', { id: '0' }],
    ['no rows', { limit: '0' }],
    ['a negative place', { after: '-1' }],
  ])('is refused for %s', (_, query) => {
    expect(() => readFilterQuery(query, 200)).toThrow(BadRequestException);
  });

  it('is refused for an id that is an object', () => {
    expect(() => readId({ $ne: 1 })).toThrow(BadRequestException);
  });
});
