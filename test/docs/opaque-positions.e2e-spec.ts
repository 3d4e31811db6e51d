import { afterEach, describe, expect, it } from '@jest/globals';
import { SseChannels, SseOptionsError } from '../../lib/index.js';
import { PLATFORMS, startBareApp } from '../pusher/support/platforms.js';
import { TenantsModule } from './examples/tenants.module.js';

const { SSE_CURSOR_SECRETS } = process.env;
const OLD = 'the old secret of the page on opaque positions';
const NEW = 'the new secret of the page on opaque positions';

describe.each(PLATFORMS)('the page on opaque positions, on %s', (platform) => {
  afterEach(() => {
    if (SSE_CURSOR_SECRETS === undefined) {
      delete process.env['SSE_CURSOR_SECRETS'];
    } else {
      process.env['SSE_CURSOR_SECRETS'] = SSE_CURSOR_SECRETS;
    }
  });

  const publish = async (secrets: string) => {
    process.env['SSE_CURSOR_SECRETS'] = secrets;
    const app = await startBareApp(platform, { imports: [TenantsModule] });
    const id = await app.app.get(SseChannels).publish('a', 'x');
    await app.close();
    return id;
  };

  it('takes one secret or several', async () => {
    for (const secrets of [OLD, `${OLD},${NEW}`, `${NEW},${OLD}`]) {
      expect(await publish(secrets)).toMatch(/^[0-9A-Za-z_-]{48}$/);
    }
  });

  it.each(['', 'short', `${OLD},`])('does not start with %j', async (secrets) => {
    await expect(publish(secrets)).rejects.toThrow(SseOptionsError);
  });
});
