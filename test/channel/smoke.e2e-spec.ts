import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Param } from '@nestjs/common';
import { SseChannels, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';

@Controller()
class Jobs {
  constructor(private readonly channels: SseChannels) {}
  @SseStream('jobs/:id')
  follow(@Param('id') id: string) {
    return this.channels.subscribe(id);
  }
}

describe.each(PLATFORMS)('smoke on %s', (platform) => {
  it('publishes, replays, gaps, closes', async () => {
    const app = await startApp(platform, { controllers: [Jobs], sse: { retryMs: false } });
    const channels = app.app.get(SseChannels);
    const a = await openRaw(app.port, '/jobs/x');
    await a.untilText('id: ');
    const id = await channels.publish('x', { event: 'one', data: { n: 1 } });
    await channels.publish('y', { event: 'other', data: { n: 1 } });
    await channels.broadcast('to all');
    await a.untilText('to all');
    console.log(a.text);
    const b = await openRaw(app.port, '/jobs/x', { headers: { 'Last-Event-ID': id } });
    await b.untilText('to all');
    console.log(b.text);
    const c = await openRaw(app.port, '/jobs/x', { headers: { 'Last-Event-ID': 'nonsense' } });
    await c.untilText('to all');
    console.log(c.text);
    await channels.close('x', { final: 'bye' });
    console.log(await a.untilEnd(), await c.untilEnd());
    const d = await openRaw(app.port, '/jobs/x', { headers: { 'Last-Event-ID': id } });
    console.log(d.status, await d.untilEnd());
    const last = /id: (.*)\n[^\n]*\n\n$/.exec(a.text)![1]!;
    const e = await openRaw(app.port, '/jobs/x', { headers: { 'Last-Event-ID': last } });
    expect(e.status).toBe(204);
    const f = await openRaw(app.port, '/jobs/x');
    expect(f.status).toBe(204);
    const seen: string[] = [];
    const sub = channels.subscribe('z');
    await channels.publish('z', '1');
    for await (const m of sub) {
      seen.push(m.data);
      if (m.data === '3') break;
      void channels.publish('z', `${Number(m.data) + 1}`);
    }
    expect(seen).toEqual(['1', '2', '3']);
    expect(channels.localStats()).toHaveLength(3);
    await app.close();
  });
});
