import { describe, expect, it } from '@jest/globals';
import { of, throwError } from 'rxjs';
import { completionOf } from './completion.js';

describe('what a method has returned', () => {
  it.each<[unknown]>([[undefined], [null], [7], ['text'], [{}], [{ subscribe: 1 }], [() => {}]])(
    'is nothing to wait for: %p',
    (result) => {
      expect(completionOf(result)).toBeUndefined();
    },
  );

  it('may be an Observable that ends without a value, or with several', async () => {
    await expect(completionOf(of())).resolves.toBeUndefined();
    await expect(completionOf(of(1, 2))).resolves.toBeUndefined();
  });

  it('may be a promise of an Observable', async () => {
    await expect(completionOf(Promise.resolve(of(1)))).resolves.toBeUndefined();
    const failing = Promise.resolve(throwError(() => new Error('boom')));
    await expect(completionOf(failing)).rejects.toThrow('boom');
  });

  it('may fail', async () => {
    await expect(completionOf(Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  });
});
