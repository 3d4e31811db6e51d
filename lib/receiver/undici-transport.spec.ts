import { describe, expect, it } from '@jest/globals';
import { SseConnectError } from './connect.error.js';
import { UndiciTransport } from './undici-transport.js';

describe('UndiciTransport', () => {
  it('tells that undici cannot be loaded', async () => {
    const load = () => Promise.reject(new Error('Cannot find package'));
    const transport = new UndiciTransport({}, load);
    const error = await new Promise<Error>((resolve) => {
      const ignore = () => {};
      const events = { onSent: ignore, onResponse: ignore, onData: ignore, onEnd: ignore, onError: resolve };
      transport.send({ url: new URL('http://127.0.0.1'), method: 'GET', headers: [] }, events);
    });
    expect(error).toBeInstanceOf(SseConnectError);
    expect(error).toMatchObject({ retryable: false, cause: { message: 'Cannot find package' } });
  });
});
