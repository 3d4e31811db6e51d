import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, Headers } from '@nestjs/common';
import { SseChannels, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';

@Controller()
class TenantsController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('feed')
  feed(@Headers('x-tenant') tenant: string) {
    return this.channels.subscribe(`tenant:${tenant}`, { replay: 'all' });
  }
}

describe.each(PLATFORMS)('two tenants of one server on %s', (platform) => {
  let app: TestApp;
  let channels: SseChannels;

  beforeEach(async () => {
    app = await startApp(platform, { controllers: [TenantsController] });
    channels = app.app.get(SseChannels);
  });

  afterEach(() => app.close());

  it('read nothing of each other, whatever Last-Event-ID they send', async () => {
    const ofOther: string[] = [];
    const own: string[] = [];
    for (let n = 0; n < 3; n++) {
      ofOther.push(await channels.publish('tenant:a', `of a ${n}`));
      own.push(await channels.publish('tenant:b', `of b ${n}`));
    }
    const [epoch] = own[0]!.split('-');
    const crafted = [
      ...ofOther,
      ...own,
      ...['0', '1', '999999', '9007199254740991', '-1', '1.0', '1.zzz', '1.tenant:a'].map((seq) => `${epoch}-${seq}`),
      'tenant:a',
      `tenant:a ${ofOther[0]}`,
      `${ofOther[0]},${own[0]}`,
      '*',
      '../a',
      '',
    ];
    const open = (id: string): Promise<RawStream>[] => [
      openRaw(app.port, '/feed', { headers: { 'X-Tenant': 'b', 'Last-Event-ID': id } }),
      openRaw(app.port, `/feed?lastEventId=${encodeURIComponent(id)}`, { headers: { 'X-Tenant': 'b' } }),
    ];
    const streams = await Promise.all(crafted.flatMap(open));
    await channels.publish('tenant:a', 'of a, live');
    await channels.publish('tenant:b', 'the end');
    for (const stream of streams) {
      expect(await stream.untilText('data: the end\n\n')).not.toContain('of a');
      stream.leave();
    }
  });
});
