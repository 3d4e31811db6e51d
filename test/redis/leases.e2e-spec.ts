import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { CompiledApps, type RunningApp } from '../pusher/support/compiled-app.js';
import { eventually } from '../pusher/support/eventually.js';
import { leasedApp } from './support/leased-app.js';
import { NumbersSource } from './support/numbers-source.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';

const HELD = /held by this instance/;
const STANDBY = /is on standby: ".+:\d+" holds it/;

describeWithOwnRedis('a source that several instances have, with a lease', () => {
  let apps: CompiledApps;
  let redis: RedisServer;
  let source: NumbersSource;
  let running: RunningApp[];

  beforeAll(async () => {
    [apps, redis] = await Promise.all([CompiledApps.build(), RedisServer.start()]);
  });

  beforeEach(async () => {
    await redis.cli('FLUSHALL');
    source = await NumbersSource.start();
    running = [];
  });

  afterEach(async () => {
    for (const app of running) app.signal('SIGKILL');
    await Promise.all(running.map((app) => app.untilExit()));
    await source.close();
  });

  afterAll(() => apps.remove());

  const start = async (name: string, { ttlMs = 600, stuckAt = 0 } = {}) => {
    const app = await apps.start(name, leasedApp(source.url, redis.url, ttlMs, stuckAt));
    running.push(app);
    return app;
  };

  const stored = () => redis.cli('HGET', '{sse}:s:orders', 'id');

  const untilStored = async (id: string) => {
    while ((await stored()) !== id);
  };

  /** The first one follows the source, the other one waits. */
  const startTwo = async (options: { ttlMs?: number; stuckAt?: number } = {}) => {
    const holder = await start('holder', options);
    await holder.untilOutput(HELD);
    const other = await start('other', { ...options, stuckAt: 0 });
    await other.untilOutput(STANDBY);
    return [holder, other] as const;
  };

  it('is followed by one of them; when that is killed, by another one, which misses nothing', async () => {
    const [holder, other] = await startTwo({ stuckAt: 4 });
    source.send(4);
    await holder.untilOutput(/got 4\./);
    await untilStored('3');
    expect(other.output).not.toMatch(/got/);
    holder.signal('SIGKILL');
    await other.untilOutput(/got 4\./);
    source.send();
    await other.untilOutput(/got 5\./);
    expect(other.output.match(/got \d/g)).toEqual(['got 4', 'got 5']);
    expect(source.resumedAfter).toEqual(['', '3']);
    expect(source.mostAtOnce).toBe(1);
  });

  it('is lost to one that was stopped, which may not move the cursor back, and waits for it again', async () => {
    const [holder, other] = await startTwo({ stuckAt: 2 });
    source.send(2);
    await holder.untilOutput(/got 2\./);
    await untilStored('1');
    holder.signal('SIGSTOP');
    await other.untilOutput(/got 2\./);
    source.send();
    await other.untilOutput(/got 3\./);
    await untilStored('3');
    holder.signal('SIGCONT');
    await holder.untilOutput(/aborted by SSE_LEASE_LOST/);
    await holder.untilOutput(/saving is fenced/);
    await holder.untilOutput(STANDBY);
    source.send();
    await untilStored('4');
    expect(holder.output).not.toMatch(/got [34]/);
    other.signal('SIGTERM');
    await holder.untilOutput(/held by this instance.*held by this instance/s);
    source.send();
    await holder.untilOutput(/got 5\./);
    expect(source.resumedAfter).toEqual(['', '1', '4']);
    expect(holder.output.match(/got \d/g)).toEqual(['got 1', 'got 2', 'got 5']);
  });

  it('is handed over by one that ends in good order, long before the lease would expire', async () => {
    const [holder, other] = await startTwo({ ttlMs: 8_000 });
    source.send(2);
    await holder.untilOutput(/got 2\./);
    const token = await redis.cli('GET', '{sse}:l:orders');
    expect(token).toContain(`:${holder.child.pid}:`);
    holder.signal('SIGTERM');
    expect(await holder.untilExit()).toBe(0);
    expect(await redis.cli('GET', '{sse}:l:orders')).not.toBe(token);
    await other.untilOutput(HELD);
    source.send();
    await other.untilOutput(/got 3\./);
    expect(source.resumedAfter).toEqual(['', '2']);
    expect(source.mostAtOnce).toBe(1);
  });

  it('is followed by nobody while Redis is away, and goes on where it was when that is back', async () => {
    const [holder, other] = await startTwo();
    source.send(2);
    await holder.untilOutput(/got 2\./);
    await untilStored('2');
    await redis.stop();
    await holder.untilOutput(/goes on standby: .*could not be renewed in time/);
    await source.untilDeserted();
    await other.untilOutput(/who holds it cannot be told/);
    await redis.run();
    source.send();
    await eventually(() => /got 3\./.test(holder.output + other.output));
    expect(source.resumedAfter).toEqual(['', '2']);
    expect(source.mostAtOnce).toBe(1);
  });

  it('lets an instance end that waits for it', async () => {
    const [, other] = await startTwo();
    other.signal('SIGTERM');
    expect(await other.untilExit()).toBe(0);
  });
});
