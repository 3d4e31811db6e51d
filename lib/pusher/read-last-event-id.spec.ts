import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeLastEventId } from '../protocol/index.js';
import { readLastEventId } from './read-last-event-id.js';

const MAX_BYTES = 1024;
const byHeader = (value: string) => readLastEventId({ headers: { 'last-event-id': value }, url: '/' }, MAX_BYTES);
const byQuery = (query: string) => readLastEventId({ headers: {}, url: `/stream?${query}` }, MAX_BYTES);

/** Any header value that Node can hand over: one character for each byte. */
const bytes = fc.uint8Array({ maxLength: 3000 }).map((array) => Buffer.from(array).toString('latin1'));

describe('readLastEventId', () => {
  it('reads back every id that a client can send', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 250 }), (id) => {
        const header = encodeLastEventId(id);
        fc.pre(header !== undefined);
        expect(byHeader(header!)).toBe(id);
      }),
    );
  });

  it('reads back every id from the query', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 }), (id) => {
        fc.pre(id.isWellFormed() && !/[\0\r\n]/.test(id));
        expect(byQuery(`a=1&lastEventId=${encodeURIComponent(id)}&b=2`)).toBe(id);
      }),
    );
  });

  it('gives a bounded id that could be one, or none, whatever comes', () => {
    fc.assert(
      fc.property(bytes, fc.oneof(bytes, fc.string({ unit: 'binary', maxLength: 3000 })), (header, query) => {
        for (const id of [byHeader(header), byQuery(`lastEventId=${query}`), byQuery(query)]) {
          expect(id).not.toBe('');
          expect(Buffer.byteLength(id ?? '')).toBeLessThanOrEqual(MAX_BYTES);
          expect(id ?? '').not.toMatch(/[\0\r\n]/);
        }
      }),
    );
  });

  it('does not fall back on the query when the header is there, however bad', () => {
    const request = { headers: { 'last-event-id': 'x'.repeat(2000) }, url: '/?lastEventId=query' };
    expect(readLastEventId(request, MAX_BYTES)).toBeUndefined();
  });

  it.each([[undefined], ['/'], ['/?'], ['/?other=1'], ['/?lastEventId'], ['/path/lastEventId=5']])(
    'is absent in %j',
    (url) => {
      expect(readLastEventId({ headers: {}, url }, MAX_BYTES)).toBeUndefined();
    },
  );

  it('is absent when a repeated header was made a list', () => {
    expect(readLastEventId({ headers: { 'last-event-id': ['1', '2'] } }, MAX_BYTES)).toBeUndefined();
  });
});
