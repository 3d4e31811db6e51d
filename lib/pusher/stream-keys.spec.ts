import { describe, expect, it } from '@jest/globals';
import { readKeys } from './stream-keys.js';

describe('readKeys', () => {
  it('asks the request, takes numbers as text, and leaves out what is not there', () => {
    const reader = ({ user }: { user: { id: number; tenant?: string } }) => ({
      user: user.id,
      tenant: user.tenant,
      ip: null,
    });
    expect(readKeys(reader, { user: { id: 7 } })).toEqual({ user: '7' });
    expect(readKeys(reader, { user: { id: 0, tenant: '' } })).toEqual({ user: '0', tenant: '' });
  });

  it('gives none without a reader', () => {
    expect(readKeys(undefined, {})).toEqual({});
  });

  it.each([undefined, null, 'u1'])('refuses %p, which names nobody', (given) => {
    expect(() => readKeys(() => given as never, {})).toThrow(/keys.*must return an object/);
  });

  it('refuses a promise, which would limit nobody, whether or not it rejects', async () => {
    for (const later of [async () => ({ user: 7 }), () => Promise.reject(new Error('no user'))]) {
      expect(() => readKeys(later as never, {})).toThrow(/keys.*must return an object at once, returned a promise/);
    }
    await new Promise(setImmediate);
  });

  it('refuses values that would be the same text for everybody, and names each', () => {
    expect(() => readKeys(() => ({ user: {} as never, ip: true as never, tenant: 'a' }), {})).toThrow(
      expect.objectContaining({
        code: 'SSE_OPTIONS',
        problems: [
          { option: 'keys.user', problem: expect.stringContaining('string or a number') },
          { option: 'keys.ip', problem: expect.stringContaining('string or a number') },
        ],
      }),
    );
  });
});
