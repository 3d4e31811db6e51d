import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EVENT_STREAM_HEADERS, isEventStream } from './headers.js';
import { decodeLastEventId, encodeLastEventId } from './last-event-id.js';

describe('EVENT_STREAM_HEADERS', () => {
  it('say what it is, and keep caches, compressors and proxies off', () => {
    expect(EVENT_STREAM_HEADERS).toEqual({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    });
    expect(Object.isFrozen(EVENT_STREAM_HEADERS)).toBe(true);
  });
});

describe('isEventStream: the essence of the type counts', () => {
  it.each([
    'text/event-stream',
    'text/event-stream; charset=utf-8',
    'text/event-stream;charset=latin1',
    'Text/Event-Stream ; x=y',
    ' \ttext/event-stream\t',
  ])('%p is one', (contentType) => {
    expect(isEventStream(contentType)).toBe(true);
  });

  it.each([
    '',
    'text/html',
    'text/event-streams',
    'text/event-stream, text/html',
    'x-text/event-stream',
    'text /event-stream',
    null,
    undefined,
  ])('%p is none', (contentType) => {
    expect(isEventStream(contentType)).toBe(false);
  });
});

describe('Last-Event-ID', () => {
  it.each([
    ['ASCII goes as it is', '42-7', '42-7'],
    ['"0" is an id', '0', '0'],
    ['the bytes of UTF-8, one character each', 'ü', 'Ã¼'],
    ['spaces within', 'a b', 'a b'],
    ['a TAB within', 'a\tb', 'a\tb'],
  ])('%s', (_rule, id, header) => {
    expect(encodeLastEventId(id)).toBe(header);
    expect(decodeLastEventId(header)).toBe(id);
  });

  it.each([
    ['the empty id', ''],
    ['a control character', 'a\u0001'],
    ['DEL', 'a\u007f'],
    ['a line end', 'a\nb'],
    ['a line end at the end', 'a\n'],
    ['NUL', '\0'],
    ['a space at the start', ' a'],
    ['a space at the end', 'a '],
    ['a TAB at the end', 'a\t'],
    ['only spaces', '  '],
    ['a lone surrogate', '\ud800'],
  ])('has no header for %s', (_what, id) => {
    expect(encodeLastEventId(id)).toBeUndefined();
  });

  it.each([
    ['no UTF-8', 'caf\u00e9'],
    ['a surrogate in UTF-8', '\u00ed\u00a0\u0080'],
    ['characters that are no bytes', '日本'],
  ])('is read as it came when it is %s', (_what, header) => {
    expect(decodeLastEventId(header)).toBe(header);
  });

  it('goes through a real request unchanged, or not at all', async () => {
    const server = createServer((incoming, response) => {
      response.end(JSON.stringify(decodeLastEventId(String(incoming.headers['last-event-id']))));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const echo = (header: string) =>
      new Promise<string>((resolve, reject) => {
        const outgoing = request(
          { port, host: '127.0.0.1', headers: { 'last-event-id': header } },
          (response: IncomingMessage) => {
            let text = '';
            response.on('data', (chunk) => (text += chunk)).on('end', () => resolve(JSON.parse(text)));
          },
        );
        outgoing.on('error', reject).end();
      });
    try {
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), async (id) => {
          const header = encodeLastEventId(id);
          if (header !== undefined) expect(await echo(header)).toBe(id);
        }),
        { numRuns: 100 },
      );
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });
});
