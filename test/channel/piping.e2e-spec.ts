import { describe, expect, it } from '@jest/globals';
import { SseChannels } from '../../lib/index.js';
import { HandedOver } from '../pusher/support/handed-over.js';
import { PLATFORMS, startApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { dataOf } from './support/channel-app.js';

describe.each(PLATFORMS)('a subscription that is piped into a pusher on %s', (platform) => {
  async function start() {
    const handedOver = new HandedOver();
    const app = await startApp(platform, { controllers: [handedOver.controller], sse: { retryMs: false } });
    const stream = await openRaw(app.port, '/stream');
    const pusher = await handedOver.next();
    return { app, stream, pusher, channels: app.app.get(SseChannels) };
  }

  it('takes its turn among what is pushed, and lets the stream go on when it ends', async () => {
    const { app, stream, pusher, channels } = await start();
    void pusher.push('first');
    const piped = pusher.pipe(channels.subscribe('a'));
    await stream.untilText('id: ');
    await channels.publish('a', 'second');
    await pusher.push('third');
    void channels.publish('a', 'fourth');
    await pusher.comment('between');
    await channels.close('a', { final: 'fifth' });
    await piped;
    await pusher.push('sixth');
    await stream.untilText('sixth');
    expect(dataOf(stream).sort()).toEqual(['fifth', 'first', 'fourth', 'second', 'sixth', 'third']);
    expect(dataOf(stream).filter((data) => data !== 'fourth')).toEqual(['first', 'second', 'third', 'fifth', 'sixth']);

    const again = pusher.pipe(channels.subscribe('b'), { end: true });
    await expect(pusher.pipe(channels.subscribe('c'))).rejects.toMatchObject({ code: 'SSE_SOURCE' });
    await channels.publish('b', 'seventh');
    await channels.close('b');
    await again;
    expect(dataOf({ text: await stream.untilEnd() }).at(-1)).toBe('seventh');
    expect(channels.localStats().every(({ subscribers }) => subscribers === 0)).toBe(true);
    await app.close();
  });

  it('costs the one that is there nothing when it is refused and then closed', async () => {
    const { app, stream, pusher, channels } = await start();
    void pusher.pipe(channels.subscribe('a'));
    await stream.untilText('id: ');
    const refused = channels.subscribe('a');
    await expect(pusher.pipe(refused)).rejects.toMatchObject({ code: 'SSE_SOURCE' });
    refused.close();
    await refused.add('b');
    expect(channels.localStats()).toMatchObject([{ channel: 'a', subscribers: 1 }]);
    await channels.publish('a', 'still here');
    await stream.untilText('still here');
    await app.close();
  });

  it('is let go of when the stream is closed already, or closes', async () => {
    const { app, stream, pusher, channels } = await start();
    const piped = pusher.pipe(channels.subscribe('a'));
    await stream.untilText('id: ');
    await pusher.close();
    await piped;
    await pusher.pipe(channels.subscribe('b'));
    expect(channels.localNames()).toEqual([]);
    await app.close();
  });
});
