import { describe, expect, it } from '@jest/globals';
import {
  assertOptions,
  count,
  describe as described,
  durationMs,
  either,
  findOptionProblems,
  ofType,
  oneOf,
} from './check-options.js';
import { SseDecodeError } from './decode.error.js';
import { SseInvalidMessageError } from './invalid-message.error.js';
import { SseOptionsError } from './options.error.js';
import { isSseError, SSE_ERROR_BRAND, SseError } from './sse-error.js';
import { SseWriteError } from './write.error.js';

describe('isSseError', () => {
  it.each([
    new SseInvalidMessageError('id', 'is bad'),
    new SseDecodeError('ended', 'is over'),
    new SseOptionsError([{ option: 'pingMs', problem: 'is bad' }]),
    new SseWriteError('is closed'),
  ])('knows a $name', (error) => {
    expect(isSseError(error)).toBe(true);
    expect(error).toBeInstanceOf(SseError);
    expect(error.name).toBe(error.constructor.name);
    expect(error.code).toMatch(/^SSE_[A-Z_]+$/);
  });

  it('knows an error with another base, and one of another copy of the package, by the brand', () => {
    class Foreign extends TypeError {
      readonly code = 'SSE_FOREIGN';
      readonly [SSE_ERROR_BRAND] = true;
    }
    expect(isSseError(new Foreign())).toBe(true);
    expect(isSseError({ [Symbol.for('nestjs-event-stream.error')]: true })).toBe(true);
  });

  it.each([new Error('x'), null, undefined, 'SSE_DECODE', {}, { code: 'SSE_DECODE' }, () => {}])(
    'does not know %p',
    (error) => {
      expect(isSseError(error)).toBe(false);
    },
  );

  it('leaves no trace of the brand on the error itself', () => {
    expect(Object.getOwnPropertySymbols(new SseWriteError('x'))).toEqual([]);
  });
});

describe('checking options', () => {
  interface Options {
    ms?: number;
    size?: number;
    mode?: string;
    name?: string | false;
  }
  const rules = {
    ms: durationMs(),
    size: count({ min: 1 }),
    mode: oneOf('a', 'b'),
    name: either(ofType('string'), oneOf(false)),
  };

  it('finds every problem, and unknown keys', () => {
    const bad = { ms: -1, size: 0.5, mode: 'c', name: true, more: 1 };
    expect(findOptionProblems<Options>(bad, rules, 'x.').map(({ option }) => option)).toEqual([
      'x.ms',
      'x.size',
      'x.mode',
      'x.name',
      'x.more',
    ]);
  });

  it('accepts what is right, absent or undefined', () => {
    expect(findOptionProblems<Options>({ ms: 0, size: 1, mode: 'a', name: false }, rules)).toEqual([]);
    expect(findOptionProblems<Options>({ ms: undefined }, rules)).toEqual([]);
  });

  it.each([null, 5, 'x', []])('wants an object, not %p', (options) => {
    expect(findOptionProblems<Options>(options, rules)[0]?.problem).toContain('must be an object');
  });

  it('throws one error that names them all', () => {
    expect(() => assertOptions([])).not.toThrow();
    expect(() =>
      assertOptions([
        { option: 'a', problem: 'is x' },
        { option: 'b', problem: 'is y' },
      ]),
    ).toThrow("'a' is x; 'b' is y");
  });

  it.each<[unknown, string]>([
    ['x'.repeat(50), `"${'x'.repeat(40)}…"`],
    [5, '5'],
    [null, 'null'],
    [[], 'an array'],
    [{}, 'an object'],
    [() => {}, 'a function'],
  ])('describes %p without its content', (value, text) => {
    expect(described(value)).toBe(text);
  });
});
