import { describe, expect, it } from '@jest/globals';
import { composeHeaders, readHeaders } from './request-headers.js';

describe('readHeaders()', () => {
  it.each([
    ['a record', { 'X-A': '1', 'x-b': ['2', '3'], 'x-c': undefined }],
    [
      'a Map',
      new Map<string, string | string[]>([
        ['X-A', '1'],
        ['x-b', ['2', '3']],
      ]),
    ],
    [
      'pairs',
      [
        ['x-a', '1'],
        ['X-B', '2'],
        ['x-b', '3'],
      ],
    ],
  ])('reads %s', (_what, given) => {
    const { headers, problems } = readHeaders(given);
    expect(problems).toEqual([]);
    expect([...headers]).toEqual([
      ['x-a', ['1']],
      ['x-b', ['2', '3']],
    ]);
  });

  it.each([
    [null, 'must be an object'],
    ['x: y', 'must be an object'],
    [[['a']], 'must give pairs'],
    [[[1, 'b']], 'must give pairs'],
    [new Set(['ab']), 'must give pairs'],
    [{ 'bad name': 'x' }, 'has "bad name", which is no header name'],
    [{ '': 'x' }, 'has "", which is no header name'],
    [{ 'x-a': 1 }, 'has x-a, whose value is no string'],
    [{ 'x-a': null }, 'has x-a, whose value is no string'],
    [{ 'x-a': 's3cret\r\nx: y' }, 'has x-a, whose value holds characters that no header can'],
    [{ 'x-a': 's3cret ✓' }, 'has x-a, whose value holds characters that no header can'],
    ['authorization: s3cret', 'must be an object, or names and values in turn, got a string'],
    [{ 'authorization: s3cret': '' }, 'has "authorization:…", which is no header name'],
    [{ 'Last-Event-ID': '1' }, 'use the option lastEventId'],
    [{ 'Accept-Encoding': 'gzip' }, 'use the option decompress'],
    [{ 'Transfer-Encoding': 'chunked' }, 'belongs to the transport'],
  ])('refuses %p', (given, told) => {
    const { problems } = readHeaders(given);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(told);
    expect(problems[0]).not.toContain('s3cret');
  });

  it('names every problem', () => {
    expect(readHeaders({ a: 1, b: 'ok', c: 2, expect: 'x' }).problems).toHaveLength(3);
  });
});

describe('composeHeaders()', () => {
  it("puts the caller's over ours, but for what cannot be otherwise", () => {
    const callers = new Map([
      ['accept', ['*/*']],
      ['x-many', ['1', '2']],
    ]);
    expect(composeHeaders(callers, 'ü')).toEqual([
      ...['accept', '*/*', 'cache-control', 'no-cache', 'x-many', '1', 'x-many', '2', 'accept-encoding', 'identity'],
      ...['last-event-id', 'Ã¼'],
    ]);
  });

  it.each(['', '\u0001'])('sends no cursor that cannot be sent: %j', (cursor) => {
    expect(composeHeaders(new Map(), cursor)).not.toContain('last-event-id');
  });
});
