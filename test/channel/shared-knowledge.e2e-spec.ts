import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { dataOf, eventsOf, lastIdOf, startChannelApp } from './support/channel-app.js';
import { SharedLog } from './support/shared-log.js';

const MINUTE = 60_000;

describe.each(PLATFORMS)('what a process knows of a log that it shares, on %s', (platform) => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is not yet all when a client comes from a process that knew more: then the log is asked first', async () => {
    const log = new SharedLog();
    const member = log.member();
    const first = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const second = await startChannelApp(platform, { sse: { backplane: member } });
    const listener = await second.open('a');
    await listener.untilText('id: ');
    const letGo = member.hold();
    const one = await first.channels.publish('a', '1');
    await first.channels.publish('a', '2');
    const coming = second.open('a', one);
    const last = await first.channels.publish('b', 'elsewhere');
    const upToDate = second.open('a', last);
    await log.settled();
    letGo();
    const [back, current] = [await coming, await upToDate];
    await back.untilText('data: 2\n\n');
    await first.channels.publish('a', '3');
    await current.untilText('data: 3\n\n');
    expect([eventsOf(back), eventsOf(current)]).toEqual([[], []]);
    expect(dataOf(back).slice(0, 1)).toEqual(['2']);
    expect(dataOf(current)).toEqual(['3']);
    await Promise.all([first.close(), second.close()]);
  });

  it('does not get better for positions that nobody has given: they are asked for together, and told as gaps', async () => {
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member } });
    const listener = await app.open('a');
    await app.channels.publish('a', '1');
    await listener.untilText('data: 1\n\n');
    const letGo = member.hold();
    const ids = [`${log.epoch}-9007199254740991`, 'foreign-1', `${log.epoch}-99`];
    const opening = Promise.all(Array.from({ length: 30 }, (_, n) => app.open('a', ids[n % 3])));
    await eventually(() => app.subscriptions.length === 31);
    await log.settled();
    letGo();
    const streams = await opening;
    await Promise.all(streams.map((stream) => stream.untilText('data: 1\n\n')));
    const reasons = streams.map(({ text }) => /"reason":"(\w+)"/.exec(text)?.[1]);
    expect(reasons).toEqual(streams.map((_, n) => (n % 3 === 1 ? 'foreign' : 'future')));
    expect(member.syncs).toBe(2);
    await app.open('a', 'no position');
    await app.open('a', lastIdOf(listener));
    expect(member.syncs).toBe(2);
    await app.close();
  });

  it('is judged by when it cannot be asked', async () => {
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member } });
    await app.channels.publish('a', '1');
    const sync = jest.spyOn(member, 'sync').mockRejectedValue(new Error('no answer'));
    const stream = await app.open('a', `${log.epoch}-7`);
    await stream.untilText('data: 1\n\n');
    expect(eventsOf(stream)).toEqual(['gap']);
    expect(sync).toHaveBeenCalledTimes(1);
    await app.close();
  });

  it('is asked for by a loop as by a stream, and a client that leaves meanwhile is told nothing', async () => {
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member } });
    const gaps: unknown[] = [];
    app.channels.events$.subscribe((event) => event.type === 'gap' && gaps.push(event));
    await app.channels.publish('a', '1');
    const listener = await app.open('a');
    await listener.untilText('id: ');
    const letGo = member.hold();
    const leaving = app.channels.subscribe('a', { lastEventId: `${log.epoch}-9` });
    const left = leaving[Symbol.asyncIterator]();
    const waiting = left.next();
    await log.settled();
    expect(member.syncs).toBe(1);
    leaving.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const id = await app.channels.publish('b', '2');
    const loop = app.channels.subscribe('a', { lastEventId: id })[Symbol.asyncIterator]();
    const next = loop.next();
    await log.settled();
    letGo();
    await log.settled();
    await app.channels.publish('a', '3');
    expect(await next).toMatchObject({ value: { data: '3' } });
    expect(gaps).toEqual([]);
    await app.close();
  });

  it('goes out with pings on channels where nothing happens', async () => {
    stopClock();
    const log = new SharedLog();
    const member = log.member();
    const first = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const second = await startChannelApp(platform, { sse: { backplane: member, pingMs: 15_000 } });
    const stream = await second.open('quiet');
    await stream.untilText('id: ');
    const id = await first.channels.publish('busy', '1');
    await member.sync();
    expect(stream.text).not.toContain(id);
    await jest.advanceTimersByTimeAsync(16_000);
    await stream.untilText(`id: ${id}\n: ping\n\n`);
    await Promise.all([first.close(), second.close()]);
  });

  it('includes how old messages are that were published before it was there', async () => {
    stopClock();
    const log = new SharedLog();
    const history = { ageMs: 5 * MINUTE };
    const first = await startChannelApp(platform, { sse: { backplane: log.member(), history } });
    const start = await first.channels.publish('other', '0');
    await first.channels.publish('a', '1');
    await jest.advanceTimersByTimeAsync(3 * MINUTE);
    await first.channels.publish('a', '2');
    const subscribe = { replay: 'all' as const };
    const second = await startChannelApp(platform, { sse: { backplane: log.member(), history }, subscribe });
    const all = await second.open('a');
    await all.untilText('data: 2\n\n');
    expect(dataOf(all)).toEqual(['1', '2']);
    await jest.advanceTimersByTimeAsync(3 * MINUTE);
    // Cleared away by itself too, though nothing was published since.
    expect(second.channels.localStats()).toMatchObject([{ channel: 'a', messages: 1 }]);
    const later = await second.open('a');
    await later.untilText('data: 2\n\n');
    expect(dataOf(later)).toEqual(['2']);
    const late = await second.open('a', start);
    await late.untilText('data: 2\n\n');
    expect(eventsOf(late)).toEqual(['gap']);
    await Promise.all([first.close(), second.close()]);
  });

  it('says how much is to be kept of each channel', async () => {
    const member = new SharedLog().member();
    const perChannel = (name: string) => (name === 'a' ? { events: 7 } : undefined);
    const app = await startChannelApp(platform, { sse: { backplane: member, history: { ageMs: 1000, perChannel } } });
    expect(member.history?.limitsOf('a')).toEqual({ events: 7, bytes: 1024 * 1024, ageMs: 1000 });
    expect(member.history?.limitsOf('b')).toEqual({ events: 1000, bytes: 1024 * 1024, ageMs: 1000 });
    await app.close();
  });
});
