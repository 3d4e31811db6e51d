import { describe, expect, it } from '@jest/globals';
import { findBasePathProblem, findPathProblem, onlyParameter, requestPath } from './ticket-path.js';

describe('the path of a ticket', () => {
  it.each([
    '/',
    '/orders/stream',
    '/orders/',
    "/a-b_c.d~e!$&'()*+,=:@/x",
    '/gr%C3%BCn',
    '/a//b',
    `/${'a'.repeat(1023)}`,
  ])('may be %s', (path) => {
    expect(findPathProblem(path)).toBeUndefined();
  });

  it.each([
    '',
    'orders',
    '//evil.example/x',
    '/\\evil.example',
    'https://evil.example/',
    '/orders;Path=/',
    '/orders; Domain=example',
    '/orders\r\nSet-Cookie: a=b',
    '/orders/stream?a=1',
    '/orders#a',
    '/orders/../admin',
    '/orders/./stream',
    '/orders/%2e%2E/admin',
    '/grün',
    '/a b',
    '/a"b',
    '/a\0',
    '/a\n',
    `/${'a'.repeat(1024)}`,
    undefined,
    7,
    ['/orders'],
  ])('must not be %j', (path) => {
    expect(findPathProblem(path)).toMatch(/^must be the path of a stream as browsers send it/);
  });

  it('may have something before it that ends without a slash', () => {
    for (const basePath of ['', '/api', '/a/b']) expect(findBasePathProblem(basePath)).toBeUndefined();
    for (const basePath of ['/', '/api/', 'api', '/api;x', undefined]) {
      expect(findBasePathProblem(basePath)).toMatch(/^must be empty, or a path/);
    }
  });

  it('is all before the query', () => {
    expect(requestPath('/a/b?c=/d?e')).toBe('/a/b');
    expect(requestPath('/a/b')).toBe('/a/b');
    expect(requestPath('?')).toBe('');
  });
});

describe('the parameter that holds a ticket', () => {
  it.each([
    ['/a?ticket=x', 'x'],
    ['/a?b=1&ticket=x&c', 'x'],
    ['/a?ticket=', ''],
    ['/a?ticket=x?y', 'x?y'],
    ['/a', undefined],
    ['/a?', undefined],
    ['/a?tickets=x', undefined],
    ['/a?ticket=x&ticket=x', undefined],
    ['/a?ticket&ticket=x', undefined],
    ['/a#?', undefined],
  ])('of %s is %j', (target, value) => {
    expect(onlyParameter(target, 'ticket')).toBe(value);
  });
});
