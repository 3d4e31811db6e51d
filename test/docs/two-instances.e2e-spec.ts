import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openStream } from 'nestjs-event-stream/testing';
import { canHaveRedis, redisUrl } from '../redis/support/redis-describe.js';
import { RedisServer } from '../redis/support/redis-server.js';
import { startShop } from './examples/notifications.main.js';

if (canHaveRedis()) {
  const before = process.env['REDIS_URL'];

  beforeAll(async () => {
    process.env['REDIS_URL'] = await redisUrl();
  });

  afterAll(async () => {
    if (before === undefined) delete process.env['REDIS_URL'];
    await RedisServer.removeAll();
  });

  // The test of the page is a test itself.
  await import('./examples/notifications.stream.js');

  it('is started as the page says, and turns strangers away', async () => {
    const app = await startShop(0);
    expect(await openStream(app, '/notifications')).toMatchObject({ status: 403 });
    await app.close();
  });
} else {
  it.skip('the test of two instances', () => {});
}
