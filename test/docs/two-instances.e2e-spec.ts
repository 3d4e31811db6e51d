import { afterAll, beforeAll, it } from '@jest/globals';
import { canHaveRedis, redisUrl } from '../redis/support/redis-describe.js';
import { RedisServer } from '../redis/support/redis-server.js';

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
} else {
  it.skip('the test of two instances', () => {});
}
