import { describe, expect, it } from '@jest/globals';
import { findStreamOptionProblems } from './check-stream-options.js';

const problemsOf = (options: unknown) => findStreamOptionProblems(options).map(({ option }) => option);

describe('findStreamOptionProblems', () => {
  it('has nothing against options that can be used', () => {
    const options = {
      pingMs: 0,
      ping: 'still here',
      retryMs: false,
      headers: { 'X-One': '1', 'X-Two': ['a', 'b'] },
      closeMessage: { event: 'bye' },
      onEnd: 'stop',
      openAfterMs: 'first-message',
      maxBufferedBytes: 65_536,
      writeTimeoutMs: 2 ** 31 - 1,
      maxAgeMs: 0.5,
      maxLastEventIdBytes: 0,
      requireAccept: true,
      serialize: JSON.stringify,
      onError: class {},
      onOpen() {},
      onClose: undefined,
    };
    expect(findStreamOptionProblems(options)).toEqual([]);
    expect(findStreamOptionProblems({})).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['pingMs', -1],
    ['pingMs', Number.NaN],
    ['pingMs', '15'],
    ['pingMs', 2 ** 31],
    ['pingMs', Number.POSITIVE_INFINITY],
    ['ping', { id: 'in\njected' }],
    ['ping', 7],
    ['ping', null],
    ['ping', { data: 10n }],
    ['retryMs', true],
    ['retryMs', -1],
    ['retryMs', 0.5],
    ['headers', null],
    ['headers', 'X: y'],
    ['headers', { 'bad name': 'x' }],
    ['headers', { 'X-Split': 'a\r\nInjected: yes' }],
    ['headers', { 'X-Number': 7 }],
    ['headers', { 'X-List': ['a', 7] }],
    ['closeMessage', { event: 'by\re' }],
    ['onEnd', 'restart'],
    ['openAfterMs', 'never'],
    ['maxBufferedBytes', 65_535],
    ['maxBufferedBytes', 70_000.5],
    ['writeTimeoutMs', -0.1],
    ['maxAgeMs', {}],
    ['maxLastEventIdBytes', -1],
    ['requireAccept', 'text/event-stream'],
    ['serialize', 'json'],
    ['onError', {}],
    ['onOpen', true],
    ['onClose', []],
    ['pingms', 1],
    ['__proto__x', 1],
    ['constructor', () => {}],
  ])('refuses %s: %p', (option, value) => {
    expect(problemsOf({ [option]: value })).toEqual([option]);
  });

  it('names everything that is wrong at once', () => {
    expect(problemsOf({ pingMs: -1, retryMs: 'soon', unknown: 1 })).toEqual(['pingMs', 'retryMs', 'unknown']);
  });

  it('refuses an id in the closing message of a stream that ends for good, which needs its own', () => {
    expect(problemsOf({ onEnd: 'stop', closeMessage: { id: '1', data: 'bye' } })).toEqual(['closeMessage']);
    expect(problemsOf({ onEnd: 'stop', closeMessage: { data: 'bye' } })).toEqual([]);
    expect(problemsOf({ onEnd: 'reconnect', closeMessage: { id: '1', data: 'bye' } })).toEqual([]);
  });

  it.each([null, undefined, 7, 'options', []])('refuses %p instead of options', (options) => {
    expect(problemsOf(options)).toEqual(['options']);
  });

  it('never repeats a secret from a value in what it says', () => {
    const [problem] = findStreamOptionProblems({ headers: { Authorization: { token: 'secret' } } });
    expect(problem?.problem).not.toContain('secret');
  });
});
