import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { SseChannels } from '../../lib/index.js';
import { describeWithRedis, redisUrl } from '../redis/support/redis-describe.js';
import { EventsModule } from './examples/redis.module.js';

describeWithRedis('the page on Redis', () => {
  it('has a module that publishes until the application is closed', async () => {
    const before = process.env['REDIS_URL'];
    process.env['REDIS_URL'] = await redisUrl();
    const app = await Test.createTestingModule({ imports: [EventsModule] }).compile();
    await app.init();
    const channels = app.get(SseChannels);
    const messages = channels.subscribe('orders', { replay: 1 })[Symbol.asyncIterator]();
    const next = messages.next();
    await channels.publish('orders', 'x');
    expect((await next).value).toMatchObject({ data: 'x' });
    const last = channels.publish('orders', 'last');
    await app.close();
    await last;
    if (before === undefined) delete process.env['REDIS_URL'];
  });
});
