import { afterEach, describe, expect, it } from '@jest/globals';
import { HandedOver } from '../pusher/support/handed-over.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';

const OTHER_SITE = { Origin: 'https://evil.example', Cookie: 'session=1' };

describe.each(PLATFORMS)('a page of another site on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  it('is told by no header that it may read a stream, unless the application says so', async () => {
    const handedOver = new HandedOver();
    app = await startApp(platform, { controllers: [handedOver.controller] });
    const opening = openRaw(app.port, '/stream', { headers: OTHER_SITE });
    await (await handedOver.next()).push('for our own pages');
    const stream = await opening;
    expect(Object.keys(stream.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(stream.headers['cache-control']).toContain('no-cache');
    stream.leave();
  });

  it('may read it where the application names its origin, and no other does', async () => {
    const handedOver = new HandedOver();
    app = await startApp(platform, {
      controllers: [handedOver.controller],
      configure: (nest) => nest.enableCors({ origin: ['https://shop.example'], credentials: true }),
    });
    const allowed = async (origin: string) => {
      const opening = openRaw(app.port, '/stream', { headers: { ...OTHER_SITE, Origin: origin } });
      await (await handedOver.next()).push('hello');
      const stream = await opening;
      stream.leave();
      return stream.headers['access-control-allow-origin'];
    };
    expect(await allowed('https://shop.example')).toBe('https://shop.example');
    expect(await allowed('https://evil.example')).toBeUndefined();
  });
});
