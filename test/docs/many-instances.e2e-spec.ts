import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { SseSources } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { describeWithOwnRedis } from '../redis/support/redis-describe.js';
import { RedisServer } from '../redis/support/redis-server.js';
import { frame, type SourceApp, startModules } from '../sources/support/source-app.js';
import { ManyInstancesModule, Shipments, ShipmentsHealth } from './examples/many-instances.module.js';

describeWithOwnRedis('the example of many instances', () => {
  let server: ScriptedServer;
  let running: SourceApp[];

  beforeAll(async () => {
    process.env['REDIS_URL'] = (await RedisServer.start()).url;
  });

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'shipment', '{"to":"Oslo"}')), stream());
    process.env['SHIPMENTS_URL'] = server.url;
    running = [];
  });

  afterEach(async () => {
    for (const { close } of running) await close();
    await server.close();
    delete process.env['SHIPMENTS_URL'];
    delete process.env['REDIS_URL'];
  });

  const start = async () => {
    const app = await startModules({ imports: [ManyInstancesModule] });
    running.push(app);
    return app;
  };

  it('books in one instance, while the other one is on standby and up', async () => {
    const first = await start();
    const { booked } = first.app.get(Shipments);
    await eventually(() => booked.size === 1);
    expect([...booked]).toEqual([['1', { to: 'Oslo' }]]);
    const second = await start();
    await eventually(() => second.lines.of('log').some((line) => /is on standby/.test(line)));
    expect([first, second].map(({ app }) => app.get(SseSources).isHeld('shipments'))).toEqual([true, false]);
    expect([first, second].map(({ app }) => app.get(ShipmentsHealth).isUp)).toEqual([true, true]);
    expect(server.requests).toHaveLength(1);
  });
});
