import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encodeMessage } from './encode-message.js';
import { formatMessage } from './format-message.js';
import { SseInvalidMessageError, type SseMessageField } from './invalid-message.error.js';
import type { SseMessage } from './message.js';
import { ReceivedMessage } from './received-message.js';
import { SseDecoder } from './sse-decoder.js';

function refusal(message: unknown, serialize?: (data: unknown) => string): SseInvalidMessageError {
  try {
    formatMessage(message as SseMessage, serialize);
  } catch (error) {
    expect(error).toBeInstanceOf(SseInvalidMessageError);
    return error as SseInvalidMessageError;
  }
  throw new Error('was not refused');
}

describe('formatMessage', () => {
  it.each<[string, unknown, string]>([
    ['a string is data', 'hello', 'data: hello\n\n'],
    ['the empty string is data', '', 'data:\n\n'],
    [
      'fields come in one order',
      { data: 1, retry: 5, event: 'e', id: 'i', comment: 'c' },
      ': c\nid: i\nevent: e\nretry: 5\ndata: 1\n\n',
    ],
    ['LF splits data', 'a\nb', 'data: a\ndata: b\n\n'],
    ['CR splits data', 'a\rb', 'data: a\ndata: b\n\n'],
    ['CRLF splits data once', 'a\r\nb', 'data: a\ndata: b\n\n'],
    ['LF CR splits data twice', 'a\n\rb', 'data: a\ndata:\ndata: b\n\n'],
    ['a line end at the end makes an empty last line', 'a\n', 'data: a\ndata:\n\n'],
    ['line breaks split a comment', { comment: 'a\rb\r\nc\nd' }, ': a\n: b\n: c\n: d\n\n'],
    ['an empty comment is a bare colon', { comment: '' }, ':\n\n'],
    ['a comment alone has no data', { comment: 'ping' }, ': ping\n\n'],
    ['an id alone has no data', { id: '7' }, 'id: 7\n\n'],
    ['an empty id clears the position', { id: '' }, 'id:\n\n'],
    ['a retry alone has no data', { retry: 0 }, 'retry: 0\n\n'],
    ['the longest retry', { retry: 2 ** 31 - 1 }, 'retry: 2147483647\n\n'],
    ['minus zero is zero', { retry: -0 }, 'retry: 0\n\n'],
    ['an event without data gets an empty data line', { event: 'e' }, 'event: e\ndata:\n\n'],
    ['an event with an id and no data, too', { event: 'e', id: '1' }, 'id: 1\nevent: e\ndata:\n\n'],
    [
      'leading spaces survive',
      { id: ' i', event: ' e', data: ' d', comment: ' c' },
      ':  c\nid:  i\nevent:  e\ndata:  d\n\n',
    ],
    [
      'NUL may stand in an event name, data and comments',
      { event: '\0', data: '\0', comment: '\0' },
      ': \0\nevent: \0\ndata: \0\n\n',
    ],
    ['U+2028, NEL, VT and a BOM end nothing', '\u2028\u0085\v\ufeff', 'data: \u2028\u0085\v\ufeff\n\n'],
    ['objects are JSON', { data: { a: 'x\ny' } }, 'data: {"a":"x\\ny"}\n\n'],
    ['null is JSON', { data: null }, 'data: null\n\n'],
    ['false is JSON', { data: false }, 'data: false\n\n'],
    ['arrays are JSON', { data: [1] }, 'data: [1]\n\n'],
    ['toJSON is honoured', { data: new Date(0) }, 'data: "1970-01-01T00:00:00.000Z"\n\n'],
    ['lone surrogates survive within JSON', { data: ['\ud800'] }, 'data: ["\\ud800"]\n\n'],
    ['bytes are raw', { data: Buffer.from('é\nx') }, 'data: é\ndata: x\n\n'],
    ['a BOM in bytes stays', { data: Uint8Array.of(0xef, 0xbb, 0xbf, 0x41) }, 'data: \ufeffA\n\n'],
    [
      'undefined fields are absent',
      { id: undefined, event: undefined, retry: undefined, comment: undefined, data: 'x' },
      'data: x\n\n',
    ],
    ['unknown fields are ignored', { data: 'x', foo: 'y\nz' }, 'data: x\n\n'],
    ['a MessageEvent of Nest: type is the event', { type: 't', data: 'x' }, 'event: t\ndata: x\n\n'],
    ['event goes before type', { type: 't', event: 'e', data: 'x' }, 'event: e\ndata: x\n\n'],
    ['type without data is not a MessageEvent', { type: 't', id: '1' }, 'id: 1\n\n'],
    [
      'a received message can be sent on',
      new ReceivedMessage('e', 'x\ny', '3', '2'),
      'id: 2\nevent: e\ndata: x\ndata: y\n\n',
    ],
    ['an object without a prototype', Object.assign(Object.create(null), { data: 'x' }), 'data: x\n\n'],
  ])('%s', (_rule, message, frame) => {
    expect(formatMessage(message as SseMessage)).toBe(frame);
  });

  const circular: Record<string, unknown> = {};
  circular.self = circular;

  it.each<[string, unknown, SseMessageField]>([
    ['LF in an id', { id: 'a\nb' }, 'id'],
    ['CR in an id', { id: 'a\rb' }, 'id'],
    ['NUL in an id', { id: 'a\0b' }, 'id'],
    ['a number as an id', { id: 1 }, 'id'],
    ['null as an id', { id: null }, 'id'],
    ['a String object as an id', { id: new String('1') }, 'id'],
    ['a lone surrogate in an id', { id: '\udc00' }, 'id'],
    ['LF in an event name', { event: 'a\nb', data: 1 }, 'event'],
    ['CR in an event name', { event: 'a\r' }, 'event'],
    ['a lone surrogate in an event name', { event: '\ud800' }, 'event'],
    ['null as an event name', { event: null, data: 1 }, 'event'],
    ['LF in the type of a MessageEvent', { type: 'a\nb', data: 1 }, 'event'],
    ['a negative retry', { retry: -1 }, 'retry'],
    ['a fractional retry', { retry: 1.5 }, 'retry'],
    ['a retry beyond what timers take', { retry: 2 ** 31 }, 'retry'],
    ['an infinite retry', { retry: Infinity }, 'retry'],
    ['NaN as retry', { retry: Number.NaN }, 'retry'],
    ['digits in a string as retry', { retry: '5' }, 'retry'],
    ['null as retry', { retry: null }, 'retry'],
    ['a BigInt as retry', { retry: 5n }, 'retry'],
    ['a number as a comment', { comment: 5 }, 'comment'],
    ['a lone surrogate in a comment', { comment: '\ud800x' }, 'comment'],
    ['a lone surrogate in a string', '\ud800', 'data'],
    ['a lone surrogate in data', { data: 'x\udfff' }, 'data'],
    ['undefined data', { id: '1', data: undefined }, 'data'],
    ['a function as data', { data: () => 1 }, 'data'],
    ['a symbol as data', { data: Symbol('x') }, 'data'],
    ['a BigInt as data', { data: 1n }, 'data'],
    ['a nested BigInt', { data: { a: 1n } }, 'data'],
    ['circular data', { data: circular }, 'data'],
    ['data whose toJSON gives undefined', { data: { toJSON: () => undefined } }, 'data'],
    [
      'data whose toJSON throws',
      {
        data: {
          toJSON: () => {
            throw new Error('no');
          },
        },
      },
      'data',
    ],
    ['bytes that are no UTF-8', { data: Uint8Array.of(0xff) }, 'data'],
    ['a number', 5, 'message'],
    ['a boolean', true, 'message'],
    ['null', null, 'message'],
    ['undefined', undefined, 'message'],
    ['a function', () => 'x', 'message'],
    ['an array', ['x'], 'message'],
    ['an array with a data property', Object.assign([], { data: 1 }), 'message'],
    ['a Date', new Date(0), 'message'],
    ['bytes', Buffer.from('x'), 'message'],
    ['a String object', new String('x'), 'message'],
    ['a promise', Promise.resolve('x'), 'message'],
    ['an empty object', {}, 'message'],
    ['an object with none of the fields', { type: 'order', total: 5 }, 'message'],
    ['an object whose fields are all undefined', { id: undefined, comment: undefined }, 'message'],
    [
      'a getter that throws',
      {
        get id() {
          throw new Error('no');
        },
      },
      'message',
    ],
    ['a revoked proxy', revoked(), 'message'],
  ])('refuses %s', (_what, message, field) => {
    const error = refusal(message);
    expect(error).toMatchObject({ code: 'SSE_INVALID_MESSAGE', field, name: 'SseInvalidMessageError' });
    expect(error.message).toContain(field === 'message' ? 'it ' : `its ${field}`);
  });

  it('keeps what a failing serializer threw as the cause', () => {
    expect(refusal({ data: circular }).cause).toBeInstanceOf(TypeError);
  });

  it('reads every field of a message exactly once', () => {
    const reads: PropertyKey[] = [];
    const message = new Proxy({ id: '1', event: 'e', data: 'x', retry: 1, comment: 'c' } as SseMessage, {
      get(target, key) {
        reads.push(key);
        return reads.filter((read) => read === key).length > 1 ? 'evil\nid: 666' : Reflect.get(target, key);
      },
    });
    expect(formatMessage(message)).toBe(': c\nid: 1\nevent: e\nretry: 1\ndata: x\n\n');
    expect(new Set(reads).size).toBe(reads.length);
  });

  it('is not fooled by a Uint8Array that lies about itself', () => {
    const data = Buffer.from('honest');
    data.toString = () => 'evil\n\ndata: x';
    Object.defineProperties(data, { length: { value: 1 }, buffer: { value: Buffer.from('evil\n\nx').buffer } });
    expect(formatMessage({ data })).toBe('data: honest\n\n');
  });

  describe('with a serializer of the caller', () => {
    it('uses it for all data but strings and bytes', () => {
      const serialize = () => 'S';
      expect(formatMessage({ data: { a: 1 } }, serialize)).toBe('data: S\n\n');
      expect(formatMessage({ data: 'x' }, serialize)).toBe('data: x\n\n');
      expect(formatMessage({ data: Buffer.from('y') }, serialize)).toBe('data: y\n\n');
    });

    it('splits the lines of what it returns', () => {
      expect(formatMessage({ data: 1 }, () => 'a\r\nid: 666')).toBe('data: a\ndata: id: 666\n\n');
    });

    it.each([
      ['undefined', undefined],
      ['a promise', Promise.resolve('x')],
      ['a String object', new String('x')],
      ['a lone surrogate', '\ud800'],
    ])('refuses it when it returns %s', (_what, result) => {
      expect(refusal({ data: 1 }, () => result as string).field).toBe('data');
    });
  });
});

describe('encodeMessage', () => {
  it('gives the frame as UTF-8', () => {
    expect(encodeMessage({ id: 'ü', data: '🚀' })).toEqual(Buffer.from('id: ü\ndata: 🚀\n\n'));
  });

  it('takes a serializer', () => {
    expect(encodeMessage({ data: 5 }, String).toString()).toBe('data: 5\n\n');
  });
});

describe('no value can produce a field that was not given', () => {
  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom('\r', '\n', '\r\n', ':', ' ', 'id: 9', 'event: x', 'data: y', 'retry: 1', '\ufeff', '\0'),
        fc.string({ unit: 'binary' }),
      ),
    )
    .map((parts) => parts.join(''));
  const anything = fc.oneof(hostile, fc.anything());

  it('whatever is put into any field', () => {
    const message = fc.record(
      { id: anything, event: anything, data: anything, retry: fc.oneof(anything, fc.nat()), comment: anything },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(message, (given) => {
        const frame = acceptedFrame(given);
        if (frame === undefined) return;
        expect(frame.endsWith('\n\n') && !frame.slice(0, -1).includes('\n\n') && !frame.includes('\r')).toBe(true);
        const names = frame
          .slice(0, -2)
          .split('\n')
          .map((line) => line.slice(0, line.indexOf(':')));
        const single = names.filter((name) => name !== '' && name !== 'data');
        expect(new Set(single).size).toBe(single.length);
        const wanted = { '': given.comment, id: given.id, event: given.event, retry: given.retry } as Record<
          string,
          unknown
        >;
        for (const name of names.filter((one) => one !== 'data')) expect(wanted[name]).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('and what comes out is one message with just these values', () => {
    const text = hostile.map((value) => value.toWellFormed());
    const line = text.map((value) => value.replace(/[\r\n\0]/g, ''));
    fc.assert(
      fc.property(line, line, text, text, (id, event, data, comment) => {
        const received: ReceivedMessage[] = [];
        const decoder = new SseDecoder({ onMessage: (message) => received.push(message) });
        decoder.push(encodeMessage({ id, event, data, comment }));
        expect(received).toEqual([new ReceivedMessage(event || 'message', data.replace(/\r\n?/g, '\n'), id, id)]);
      }),
    );
  });
});

function acceptedFrame(message: unknown): string | undefined {
  try {
    return formatMessage(message as SseMessage);
  } catch (error) {
    expect(error).toBeInstanceOf(SseInvalidMessageError);
    return undefined;
  }
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({ data: 'x' }, {});
  revoke();
  return proxy;
}
