import { expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { SseChannels, SseModule } from '../../lib/index.js';
import { redisBackplane } from '../../lib/redis/index.js';
import { startBareApp } from '../pusher/support/platforms.js';
import { describeWithRedis, redisUrl } from '../redis/support/redis-describe.js';

describeWithRedis('the example of several instances in the README', () => {
  it('joins them', async () => {
    const before = process.env['REDIS_URL'];
    const url = await redisUrl();
    process.env['REDIS_URL'] = url;
    const { ClusterModule } = await import('./examples/cluster.module.js');
    process.env['REDIS_URL'] = before;
    if (before === undefined) delete process.env['REDIS_URL'];
    const { app, close } = await startBareApp('express', { imports: [ClusterModule] });
    const channels = app.get(SseChannels);
    const worker = await Test.createTestingModule({
      imports: [SseModule.forRoot({ backplane: redisBackplane({ url }) })],
    }).compile();
    await worker.init();
    const name = `readme ${Math.random()}`;
    const id = await worker.get(SseChannels).publish(name, 'first');
    const messages = channels.subscribe(name, { replay: 'all' })[Symbol.asyncIterator]();
    expect((await messages.next()).value).toMatchObject({ data: 'first', lastEventId: id });
    await worker.get(SseChannels).publish(name, 'second');
    expect((await messages.next()).value).toMatchObject({ data: 'second' });
    await Promise.all([close(), worker.close()]);
  });
});
