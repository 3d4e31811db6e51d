import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import { SseChannels, SseStream } from 'nestjs-event-stream';
import { redisBackplane } from 'nestjs-event-stream/redis';
import { openRaw } from '../pusher/support/raw-client.js';
import { describeWithOwnRedis } from '../redis/support/redis-describe.js';
import { RedisServer } from '../redis/support/redis-server.js';
import { CONNECTIONS, RedisStage } from '../redis/support/redis-stage.js';
import { DEGRADED, type HealthApp, startHealthApp } from './support/health-app.js';

@Controller()
class OrdersController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('orders')
  follow() {
    return this.channels.subscribe('orders');
  }
}

describeWithOwnRedis('the health of a Redis backplane', () => {
  let server: RedisServer;
  let stage: RedisStage;
  let app: HealthApp;

  beforeEach(async () => {
    server = await RedisServer.start();
    stage = new RedisStage(server.url);
  });

  afterEach(async () => {
    await app.close();
    await stage.close();
    await server.remove();
  });

  const start = async (by: (typeof CONNECTIONS)[number] = 'url') => {
    const client = by === 'ioredis' ? await stage.ioredis() : by === 'node-redis' ? await stage.nodeRedis() : undefined;
    const backplane = redisBackplane(client ? { client } : { url: server.url });
    // As long as it takes, so that a busy machine is not taken for a Redis that is away.
    const options = { timeoutMs: 5000 };
    app = await startHealthApp('fastify', { sse: { backplane }, options, controllers: [OrdersController] });
  };

  const up = { status: 200, sse: 'up', found: { backplane: { status: 'up' }, sources: {} } };
  const away = {
    status: 200,
    sse: DEGRADED,
    found: { backplane: { status: 'degraded', reason: 'unreachable' }, sources: {} },
  };

  /** Until the connections are made anew. */
  const untilUp = async () => {
    let probed = await app.probe();
    while (probed.sse !== 'up' || (probed.found['backplane'] as { status: string }).status !== 'up') {
      probed = await app.probe();
    }
    return probed;
  };

  const probeQuickly = () => app.app.get(SseChannels).backplaneHealth({ timeoutMs: 50 });

  it.each(CONNECTIONS)('is degraded while Redis is away, by %s, with streams and without', async (by) => {
    await start(by);
    expect(await app.probe()).toEqual(up);
    await server.kill();
    expect(await probeQuickly()).toEqual(away.found.backplane);
    await server.run();
    expect(await untilUp()).toEqual(up);
    const viewer = await openRaw(app.port, '/orders');
    await viewer.untilText('id: ');
    expect(await app.probe()).toEqual(up);
    await server.kill();
    expect(await probeQuickly()).toEqual(away.found.backplane);
    await server.run();
    expect(await untilUp()).toEqual(up);
    await app.app.get(SseChannels).publish('orders', 'still here');
    await viewer.untilText('still here');
  });

  it('is degraded while only the connection for subscriptions is cut off', async () => {
    await start();
    const viewer = await openRaw(app.port, '/orders');
    await viewer.untilText('id: ');
    await server.cli('ACL', 'SETUSER', 'default', '-subscribe');
    await server.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    expect((await probeQuickly())?.status).toBe('degraded');
    await server.cli('ACL', 'SETUSER', 'default', '+subscribe');
    expect(await untilUp()).toEqual(up);
  });

  it.each(CONNECTIONS)('tells a Redis that does not answer from one that is away, by %s', async (by) => {
    await start(by);
    const silent = { status: 'degraded', reason: 'timeout' };
    await server.cli('CLIENT', 'PAUSE', '600000', 'ALL');
    expect(await probeQuickly()).toEqual(silent);
    await server.kill();
    expect(await probeQuickly()).toEqual(away.found.backplane);
    await server.run();
    expect(await untilUp()).toEqual(up);
    const viewer = await openRaw(app.port, '/orders');
    await viewer.untilText('id: ');
    await server.cli('CLIENT', 'PAUSE', '600000', 'ALL');
    expect(await probeQuickly()).toEqual(silent);
    viewer.leave();
    await server.kill();
  });

  it('is degraded when Redis says no', async () => {
    await start();
    await server.cli('ACL', 'SETUSER', 'default', '-evalsha', '-eval');
    expect(await app.app.get(SseChannels).backplaneHealth()).toEqual({ status: 'degraded', reason: 'refused' });
    await server.cli('ACL', 'SETUSER', 'default', '+evalsha', '+eval');
    expect(await app.probe()).toEqual(up);
  });

  it('is down when the application has closed', async () => {
    await start();
    const channels = app.app.get(SseChannels);
    await app.close();
    expect(await channels.backplaneHealth()).toEqual({ status: 'down', reason: 'stopped' });
  });
});
