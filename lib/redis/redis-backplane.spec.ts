import { describe, expect, it } from '@jest/globals';
import { redisBackplane } from './redis-backplane.js';

const receiver = { deliver() {}, closed() {}, advanced() {}, lost() {}, ruptured() {} };
const history = { limitsOf: () => ({ events: 1, bytes: 1, ageMs: 1 }) };

/** Nothing listens there. */
const url = 'redis://127.0.0.1:1';

describe('redisBackplane()', () => {
  it('names all that is wrong with its options, and never shows a url', () => {
    const make = () => redisBackplane({ url: 'http://:secret@host', prefix: '{}', publishTimeoutMs: -1 });
    expect(make).toThrow(
      expect.objectContaining({
        code: 'SSE_OPTIONS',
        problems: ['url', 'prefix', 'publishTimeoutMs'].map((option) => expect.objectContaining({ option })),
      }),
    );
    expect(make).not.toThrow(/secret/);
    expect(() => redisBackplane({})).toThrow(/url/);
  });

  it('serves one application at a time, and can be tried again after a start that failed', async () => {
    const backplane = redisBackplane({ url, requestTimeoutMs: 50 });
    const first = Promise.resolve(backplane.start(receiver, history));
    await expect(backplane.start(receiver, history)).rejects.toMatchObject({ code: 'SSE_OPTIONS' });
    await expect(first).rejects.toMatchObject({ code: 'SSE_BACKPLANE', reason: 'unreachable' });
    await expect(backplane.start(receiver, history)).rejects.toMatchObject({ code: 'SSE_BACKPLANE' });
  });

  it('says that it has not started', async () => {
    const backplane = redisBackplane({ url });
    const message = { channel: 'a', body: 'data: x\n\n', key: undefined };
    await expect(backplane.publish(message)).rejects.toMatchObject({ code: 'SSE_BACKPLANE', reason: 'stopped' });
    await expect(backplane.stop()).resolves.toBeUndefined();
  });
});
