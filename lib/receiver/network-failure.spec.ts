import { describe, expect, it } from '@jest/globals';
import { describeFailure, isFinalFailure, safeUrl } from './network-failure.js';

describe('describeFailure()', () => {
  it.each([
    ['its message', new Error('connect failed'), 'connect failed'],
    [
      'its code, as when several addresses were tried',
      Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
      'ECONNREFUSED',
    ],
    ['its name', new RangeError(), 'RangeError'],
  ])('tells %s', (_what, error, told) => {
    expect(describeFailure(error)).toBe(told);
  });
});

describe('isFinalFailure()', () => {
  it.each([
    ['UND_ERR_INVALID_ARG', true],
    ['UND_ERR_DESTROYED', true],
    ['UND_ERR_SOCKET', false],
    ['ECONNRESET', false],
    [undefined, false],
  ])('judges %s', (code, final) => {
    expect(isFinalFailure(Object.assign(new Error(), { code }))).toBe(final);
  });
});

describe('safeUrl()', () => {
  it('shows origin and path only', () => {
    expect(safeUrl(new URL('https://jane:pw@example.test:8443/a/b?token=x#y'))).toBe('https://example.test:8443/a/b');
  });
});
