import { describe, expect, it } from '@jest/globals';
import type { SseChannelEvent, SseStreamInfo } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { startChannelApp } from './support/channel-app.js';

describe.each(PLATFORMS)('what happens on channels on %s', (platform) => {
  it('is told with the channel, the stream and the counts', async () => {
    const app = await startChannelApp(platform, { sse: { history: { events: 1 } } });
    const events: SseChannelEvent[] = [];
    let completed = false;
    app.channels.events$.subscribe({
      next: (event) => events.push(event),
      complete: () => {
        completed = true;
      },
    });
    const first = await app.open('a,b');
    const second = await app.open('a');
    await Promise.all([first, second].map((stream) => stream.untilText('id: ')));
    await app.subscriptions[1]?.add('c');
    await app.subscriptions[1]?.remove('c');
    const id = await app.channels.publish('a', 'x');
    await app.channels.publish('a', 'y');
    await app.channels.broadcast('to all');
    first.leave();
    await eventually(() => events.some(({ type }) => type === 'unsubscribed') && !app.channels.has('b'));
    (await app.open('a', `${id.split('-')[0]}-0`)).leave();
    await eventually(() => app.channels.localStats().every(({ subscribers }) => subscribers === 1));
    await app.channels.close('a', { final: 'end' });
    await second.untilEnd();
    await app.close();

    expect(completed).toBe(true);
    const stream = (streamId: number) => ({ streamId, route: 'StreamController.follow' });
    expect(events).toMatchObject([
      { type: 'subscribed', channel: 'a', subscribers: 1, stream: stream(1) },
      { type: 'subscribed', channel: 'b', subscribers: 1, stream: stream(1) },
      { type: 'subscribed', channel: 'a', subscribers: 2, stream: stream(2) },
      { type: 'subscribed', channel: 'c', subscribers: 1, stream: stream(2) },
      { type: 'unsubscribed', channel: 'c', subscribers: 0, stream: stream(2) },
      { type: 'published', channel: 'a', id, bytes: 'data: x\n\n'.length, subscribers: 2 },
      { type: 'published', channel: 'a', subscribers: 2 },
      { type: 'published', channel: '', subscribers: 2 },
      { type: 'unsubscribed', channel: 'a', subscribers: 1, stream: stream(1) },
      { type: 'unsubscribed', channel: 'b', subscribers: 0, stream: stream(1) },
      { type: 'subscribed', channel: 'a', subscribers: 2, stream: stream(3) },
      { type: 'gap', channels: ['a'], reason: 'expired', stream: stream(3) },
      { type: 'unsubscribed', channel: 'a', subscribers: 1, stream: stream(3) },
      { type: 'closed', channel: 'a', subscribers: 1 },
      { type: 'unsubscribed', channel: 'a', subscribers: 0, stream: stream(2) },
    ]);
    const told = events[0] as SseChannelEvent & { stream?: SseStreamInfo };
    expect(told.stream?.executionContext?.switchToHttp().getRequest().url).toContain('/stream?of=a');
  });
});
