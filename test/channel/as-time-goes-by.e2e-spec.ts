import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SseChannels } from '../../lib/index.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { HandedOver } from '../pusher/support/handed-over.js';
import { PLATFORMS, startApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { dataOf, eventsOf, lastIdOf, startChannelApp } from './support/channel-app.js';

const MINUTE = 60_000;

/** Lets so much time go by, and everything that happens in it. */
async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

describe.each(PLATFORMS)('as time goes by on %s', (platform) => {
  beforeEach(stopClock);
  afterEach(() => {
    jest.useRealTimers();
  });

  it('a message is kept for its time, and whoever has missed it then is told', async () => {
    const app = await startChannelApp(platform, { sse: { history: { ageMs: 5 * MINUTE } } });
    const listener = await app.open('a');
    const first = await app.channels.publish('a', '1');
    await app.channels.publish('a', '2');
    await pass(5 * MINUTE - 1000);
    expect(dataOf(await untilHas(await app.open('a', first), 'data: 2\n\n'))).toEqual(['2']);
    await pass(2000);
    const late = await app.open('a', first);
    await late.untilText('gap');
    expect(eventsOf(late)).toEqual(['gap']);
    await app.channels.publish('a', '3');
    await late.untilText('data: 3\n\n');
    expect(dataOf(late).slice(1)).toEqual(['3']);
    listener.leave();
    await app.close();
  });

  it('a message that is too old is not replayed, even before anybody has cleared it away', async () => {
    const app = await startChannelApp(platform, { sse: { history: { ageMs: 1000 } }, subscribe: { replay: 'all' } });
    await app.channels.publish('a', 'old');
    await pass(1001);
    await app.channels.publish('b', 'new');
    const stream = await app.open('a,b');
    await stream.untilText('data: new\n\n');
    expect(dataOf(stream)).toEqual(['new']);
    await app.close();
  });

  it('a quiet channel that somebody follows is no gap to whoever comes back after hours', async () => {
    const app = await startChannelApp(platform);
    const listener = await app.open('quiet');
    const id = await app.channels.publish('quiet', '1');
    await listener.untilText('data: 1\n\n');
    for (let hour = 0; hour < 5; hour++) {
      await pass(60 * MINUTE);
      await app.channels.publish('busy', 'elsewhere');
    }
    const back = await app.open('quiet', id);
    await app.channels.publish('quiet', '2');
    await back.untilText('data: 2\n\n');
    expect(dataOf(back)).toEqual(['2']);
    await app.close();
  });

  it('a channel that was dropped is judged by when the client was last up to date', async () => {
    const app = await startChannelApp(platform, { sse: { history: { ageMs: 5 * MINUTE } } });
    const old = await app.channels.publish('a', 'forgotten');
    for (let second = 0; second < 12 * 60; second += 5) {
      await pass(5000);
      await app.channels.publish('busy', `${second}`);
    }
    expect(app.channels.has('a')).toBe(false);
    const fresh = lastIdOf(await untilHas(await app.open('busy'), 'id: '));
    for (let second = 0; second < 4 * 60; second += 5) {
      await pass(5000);
      await app.channels.publish('busy', `${second}`);
    }
    expect(eventsOf(await untilHas(await app.open('a', old), '\n\n'))).toEqual(['gap']);
    expect(eventsOf(await untilHas(await app.open('a', fresh), '\n\n'))).toEqual([]);
    await app.close();
  });

  it('a dropped channel of which no trace is left is a gap to old ids only, when nothing else happened either', async () => {
    const app = await startChannelApp(platform, { sse: { history: { ageMs: MINUTE } } });
    const first = await app.channels.publish('a', '1');
    const second = await app.channels.publish('a', '2');
    await pass(2 * MINUTE);
    expect(app.channels.has('a')).toBe(false);
    expect(eventsOf(await untilHas(await app.open('a', second), '\n\n'))).toEqual([]);
    expect(eventsOf(await untilHas(await app.open('a', first), '\n\n'))).toEqual(['gap']);
    await app.close();
  });

  it('a rare broadcast is no gap to who follows a channel that is kept for longer', async () => {
    const app = await startChannelApp(platform, {
      sse: { history: { ageMs: MINUTE, perChannel: (name) => (name === 'a' ? { ageMs: 60 * MINUTE } : undefined) } },
    });
    await app.channels.broadcast('long ago');
    const first = await app.open('a');
    await first.untilText('id: ');
    first.leave();
    await app.channels.publish('a', '1');
    for (let minute = 0; minute < 30; minute++) {
      await pass(MINUTE);
      await app.channels.publish('busy', 'elsewhere');
    }
    expect(dataOf(await untilHas(await app.open('a', lastIdOf(first)), 'data: 1\n\n'))).toEqual(['1']);
    await app.close();
  });

  it('a state that was placed before its channel was forgotten is no gap', async () => {
    let position = '';
    const app = await startChannelApp(platform, {
      sse: { history: { ageMs: MINUTE } },
      subscribe: { snapshot: () => ({ message: 'state', position }) },
    });
    position = await app.channels.publish('a', 'in the state');
    for (let second = 0; second < 5 * 60; second += 5) {
      await pass(5000);
      await app.channels.publish('busy', 'elsewhere');
    }
    expect(app.channels.has('a')).toBe(false);
    const stream = await untilHas(await app.open('a'), 'data: state\n\n');
    await app.channels.publish('a', 'after');
    await stream.untilText('data: after\n\n');
    expect(dataOf(stream)).toEqual(['state', 'after']);
    await app.close();
  });

  it('a channel without history still knows for a while what was lost', async () => {
    const app = await startChannelApp(platform, { sse: { history: false } });
    const first = await app.channels.publish('a', '1');
    const second = await app.channels.publish('a', '2');
    expect(app.channels.localStats()).toEqual([{ channel: 'a', subscribers: 0, messages: 0, bytes: 0 }]);
    expect(eventsOf(await untilHas(await app.open('a', second), '\n\n'))).toEqual([]);
    expect(eventsOf(await untilHas(await app.open('a', first), '\n\n'))).toEqual(['gap']);
    await app.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('pings carry the position of streams that are up to date, when it has moved', async () => {
    const app = await startChannelApp(platform, {
      sse: { pingMs: 15_000 },
      subscribe: { filter: ['wanted'] },
    });
    const stream = await app.open('a');
    await stream.untilText('id: ');
    await pass(16_000);
    await stream.untilText(': ping\n\n');
    expect(stream.text).toMatch(/^id: \S+-0\n\n: ping\n\n$/);
    const id = await app.channels.publish('elsewhere', 'other');
    const unwanted = await app.channels.publish('a', { event: 'unwanted', data: 1 });
    await pass(16_000);
    await stream.untilText(unwanted);
    expect(stream.text).not.toContain(id);
    expect(stream.text).toMatch(new RegExp(`: ping\n\nid: ${unwanted}\n: ping\n\n$`));
    await pass(16_000);
    await stream.until((text) => /ping\n\n: ping\n\n$/.test(text));
    await app.close();
  });

  it('a ping never says a position again that messages of the same turn have passed', async () => {
    const handedOver = new HandedOver();
    const sse = { retryMs: false, pingMs: 12_000 } as const;
    const app = await startApp(platform, { controllers: [handedOver.controller], sse });
    const channels = app.app.get(SseChannels);
    const opening = openRaw(app.port, '/stream');
    const pusher = await handedOver.next();
    void pusher.pipe(channels.subscribe('a', { filter: ['wanted'] }));
    const stream = await untilHas(await opening, 'id: ');
    await channels.publish('a', { event: 'unwanted', data: 1 });
    await pass(11_900);
    void pusher.push('beside the channel');
    void channels.publish('a', { event: 'wanted', data: 2 });
    jest.advanceTimersByTime(1000);
    await channels.publish('a', { event: 'wanted', data: 3 });
    await stream.untilText('data: 3\n\n');
    const positions = [...stream.text.matchAll(/^id: .*-(\d+)$/gm)].map(([, position]) => Number(position));
    expect(positions).toEqual(positions.toSorted((one, other) => one - other));
    await app.close();
  });

  it('pings leave out a position that a gap has told', async () => {
    const app = await startChannelApp(platform, { sse: { pingMs: 15_000 } });
    const stream = await untilHas(await app.open('a', 'nonsense'), 'gap');
    await pass(16_000);
    expect(await stream.untilText('ping')).toMatch(/"malformed"}\n\n: ping\n\n$/);
    await app.close();
  });

  it('a message restarts the wait for a ping', async () => {
    const app = await startChannelApp(platform, { sse: { pingMs: 12_000 } });
    const stream = await app.open('a');
    await stream.untilText('id: ');
    for (let n = 0; n < 6; n++) {
      await pass(6000);
      await app.channels.publish('a', `${n}`);
    }
    await stream.untilText('data: 5\n\n');
    expect(stream.text).not.toContain('ping');
    await app.close();
  });

  it('a ping with an id or as an event of its own stays as it was given', async () => {
    const app = await startChannelApp(platform, { route: { pingMs: 1000, ping: { id: 'mine', event: 'ping' } } });
    const stream = await app.open('a');
    await stream.untilText('id: ');
    await app.channels.publish('b', 'moves on');
    await pass(1100);
    await stream.untilText('event: ping\n');
    expect(stream.text).toMatch(/\n\nid: mine\nevent: ping\ndata:\n\n$/);
    const positions = await startChannelApp(platform, {
      route: { pingMs: 1000 },
      subscribe: { positionEvent: 'here' },
    });
    const other = await positions.open('a');
    await other.untilText('here');
    const id = await positions.channels.publish('b', 'moves on');
    await pass(1100);
    await other.untilText(`: ping\n\nid: ${id}\nevent: here\ndata: ${id}\n\n`);
    await app.close();
    await positions.close();
  });
});

async function untilHas<S extends { untilText(part: string): Promise<string> }>(stream: S, part: string): Promise<S> {
  await stream.untilText(part);
  return stream;
}
