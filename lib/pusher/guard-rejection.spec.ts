import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { guardRejection } from './guard-rejection.js';

const FAILURE = new Error('refused');

describe('guardRejection', () => {
  const reported: unknown[] = [];
  const report = (error: unknown) => reported.push(error);

  async function afterReports(): Promise<unknown[]> {
    await setImmediate();
    await setImmediate();
    return reported.splice(0);
  }

  it('reports what nobody looks at', async () => {
    void guardRejection(Promise.reject(FAILURE), report);
    expect(await afterReports()).toEqual([FAILURE]);
  });

  it('gives what it guards to whoever awaits it, and reports nothing', async () => {
    expect(await guardRejection(Promise.resolve(7), report)).toBe(7);
    await expect(async () => await guardRejection(Promise.reject(FAILURE), report)).rejects.toBe(FAILURE);
    expect(await afterReports()).toEqual([]);
  });

  it.each<[string, (promise: Promise<unknown>) => Promise<unknown>]>([
    ['then', (promise) => promise.then(undefined, () => {})],
    ['catch', (promise) => promise.catch(() => {})],
    ['Promise.allSettled', (promise) => Promise.allSettled([promise])],
    ['Promise.race', (promise) => Promise.race([promise]).catch(() => {})],
    ['an async function that returns it', (promise) => (async () => promise)().catch(() => {})],
    ['finally, whose result is caught', (promise) => promise.finally(() => {}).catch(() => {})],
  ])('knows that it is looked at by %s', async (_, look) => {
    await look(guardRejection(Promise.reject(FAILURE), report));
    expect(await afterReports()).toEqual([]);
  });

  it('takes a look within the same turn of the event loop for a look', async () => {
    const guarded = guardRejection(Promise.reject(FAILURE), report);
    await Promise.resolve();
    await expect(guarded).rejects.toBe(FAILURE);
    expect(await afterReports()).toEqual([]);
  });

  it('still rejects for whoever looks after it was reported', async () => {
    const guarded = guardRejection(Promise.reject(FAILURE), report);
    expect(await afterReports()).toEqual([FAILURE]);
    await expect(guarded).rejects.toBe(FAILURE);
  });

  it('is an ordinary promise to others, whose own chains are ordinary as well', () => {
    const guarded = guardRejection(Promise.resolve(1), report);
    expect(guarded).toBeInstanceOf(Promise);
    expect(guarded.then(() => {}).constructor).toBe(Promise);
  });
});
