import { expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { GivenName } from './given-name.js';

it('GivenName has no name from a function that throws, and says so once, nor from one that gives no text', () => {
  const error = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  const names = new GivenName<number>('route', (value) => {
    if (value < 0) throw new Error('too low');
    return value === 0 ? (7 as never) : `of ${value}`;
  });
  expect([-1, -2, 0, 1].map((value) => names.of(value))).toEqual([undefined, undefined, undefined, 'of 1']);
  expect(error).toHaveBeenCalledTimes(1);
  expect(new GivenName<number>('route', undefined).of(1)).toBeUndefined();
  // Anything can be thrown, also what no string can be made of.
  const odd = new GivenName<number>('route', () => {
    throw Object.create(null);
  });
  expect(odd.of(1)).toBeUndefined();
  expect(error).toHaveBeenCalledTimes(2);
  error.mockRestore();
});
