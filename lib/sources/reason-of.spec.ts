import { describe, expect, it } from '@jest/globals';
import { SseCursorError } from '../receiver/index.js';
import { reasonOf, stackOf } from './reason-of.js';

const withCode = (error: Error, code: string) => Object.assign(error, { code });
const unreadable = Object.defineProperty(new Error(), 'message', {
  get() {
    throw new Error('inner');
  },
});
const cursorError = (cause?: unknown) => new SseCursorError('unavailable', 'billing', 'No cursor', { cause });

describe('the reason for a failure', () => {
  it.each<[string, unknown, string]>([
    ['an error', new Error('boom', { cause: new Error('data') }), 'boom'],
    ['a refused connection', withCode(new AggregateError([new Error('v6'), 7, new Error('v4')]), 'ECODE'), 'v6; v4'],
    ['an error that has only a code', withCode(new AggregateError([new Error('')]), 'ECODE'), 'ECODE'],
    ['an error that has only a name', new TypeError(), 'TypeError'],
    ['an error whose message is a symbol', Object.assign(new Error('x'), { message: Symbol('x') }), 'Error'],
    ['an error whose name is a symbol', Object.assign(new Error(), { name: Symbol('x') }), 'Symbol(x)'],
    ['an error that cannot be read', unreadable, 'threw an error that cannot be read'],
    ['a text, which may be anything', 'secret', 'threw a value of type string'],
    ['an object without a prototype', Object.create(null), 'threw a value of type object'],
    ['a cursor store', cursorError(withCode(new Error('mkdir failed'), 'EEXIST')), 'No cursor (EEXIST: mkdir failed)'],
    [
      'a cursor store with the code in the text',
      cursorError(withCode(new Error('EIO: no'), 'EIO')),
      'No cursor (EIO: no)',
    ],
    ['a cursor store without a code', cursorError(new Error('no table')), 'No cursor (no table)'],
    ['a cursor store that threw no error', cursorError('secret'), 'No cursor'],
  ])('is told of %s', (_what, error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});

describe('the stack of a failure', () => {
  it('is there for an error only, and only as text', () => {
    const error = new Error('boom');
    expect(stackOf(error)).toBe(error.stack);
    expect(stackOf('boom')).toBeUndefined();
    expect(stackOf(Object.assign(new Error(), { stack: 7 }))).toBeUndefined();
  });

  it('may not be readable', () => {
    const error = Object.defineProperty(new Error(), 'stack', {
      get() {
        throw new Error('inner');
      },
    });
    expect(stackOf(error)).toBeUndefined();
  });
});
