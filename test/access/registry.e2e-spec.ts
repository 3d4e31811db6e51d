import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestApplication, Query } from '@nestjs/common';
import {
  Pusher,
  type SseModuleOptions,
  SseOptionsError,
  SsePusher,
  SseStream,
  SseStreamRegistry,
} from '../../lib/index.js';
import { type ChannelApp, lastIdOf, startChannelApp } from '../channel/support/channel-app.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { BLOCK, fill } from '../pusher/support/fill.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';

const KEYS: SseModuleOptions = { keys: ({ query }: { query: { user?: string } }) => ({ user: query.user }) };

let held = deferred();
let handed: SsePusher[] = [];

@Controller()
class PushedController {
  @SseStream('pushed')
  pushed(@Pusher() pusher: SsePusher): void {
    handed.push(pusher);
  }

  @SseStream('held')
  async held(@Query('user') _user: string): Promise<never[]> {
    await held.promise;
    return [];
  }
}

describe.each(PLATFORMS)('the list of streams on %s', (platform) => {
  let app: ChannelApp;
  let registry: SseStreamRegistry;

  beforeEach(async () => {
    held = deferred();
    handed = [];
    app = await startChannelApp(platform, { controllers: [PushedController], sse: { ...KEYS, writeTimeoutMs: 0 } });
    registry = (app.app as INestApplication).get(SseStreamRegistry);
  });

  afterEach(() => app.close());

  it('tells of a pushed stream whose it is, for how long it has been open, and what it was sent', async () => {
    expect(registry.list()).toEqual([]);
    const before = Date.now();
    const stream = await openRaw(app.port, '/pushed?user=7', { headers: { 'Last-Event-ID': '41' } });
    await handed[0]!.push('x'.repeat(5000));
    await stream.untilText('\n\n');
    const [report, ...others] = registry.list();
    expect(others).toEqual([]);
    expect(report).toEqual({
      id: expect.any(Number),
      route: 'PushedController.pushed',
      keys: { user: '7' },
      state: 'open',
      openedAt: expect.any(Number),
      ageMs: expect.any(Number),
      lastEventId: '41',
      channels: [],
      bufferedBytes: 0,
      sentBytes: expect.any(Number),
      lastWriteAt: expect.any(Number),
      silentMs: expect.any(Number),
    });
    // The clock of timers and that of the day need not be read at the same moment.
    expect(Math.abs(report!.openedAt! - before)).toBeLessThan(60_000);
    expect(report!.lastWriteAt).toBeGreaterThanOrEqual(report!.openedAt!);
    expect(report!.sentBytes).toBeGreaterThanOrEqual(5000);
    expect(report!.sentBytes).toBeLessThan(5200);
  });

  it('says the same times of a stream whenever it is asked', async () => {
    await openRaw(app.port, '/pushed');
    const [first] = registry.list();
    await new Promise(setImmediate);
    const [second] = registry.list();
    expect(second).toMatchObject({ openedAt: first!.openedAt, lastWriteAt: first!.lastWriteAt });
  });

  it('tells of a stream whose head is held as pending, and counts it among none that are open', async () => {
    const opening = openRaw(app.port, '/held?user=7');
    await eventually(() => registry.list().length === 1);
    const [report] = registry.list();
    expect(report).toMatchObject({ state: 'pending', route: 'PushedController.held', sentBytes: 0, bufferedBytes: 0 });
    expect(report).not.toHaveProperty('openedAt');
    expect(report).not.toHaveProperty('silentMs');
    expect([registry.count, registry.countOf({ keys: { user: 7 } }), registry.countByRoute().size]).toEqual([0, 0, 0]);
    held.resolve();
    await opening;
  });

  it('tells what waits for a peer that does not read, also after the end was asked for', async () => {
    const client = (await RawSocket.connect(app.port)).get('/pushed');
    await client.untilText('\r\n\r\n');
    client.pause();
    const { accepted } = await fill(handed[0]!);
    const [stuck] = registry.list();
    expect(stuck!.bufferedBytes).toBeGreaterThan(BLOCK.length);
    // Either waits or was sent, with a few bytes around each block.
    const total = stuck!.bufferedBytes + stuck!.sentBytes;
    expect(total).toBeGreaterThanOrEqual(accepted * BLOCK.length);
    expect(total).toBeLessThan(accepted * (BLOCK.length + 30) + 1000);
    void handed[0]!.close();
    expect(registry.list()).toMatchObject([{ id: stuck!.id, state: 'closed' }]);
    expect(registry.count).toBe(0);
    client.resume();
    await eventually(() => registry.list().length === 0);
  });

  it('tells where a stream of channels stands, and that it is not behind', async () => {
    const stream = await app.open('a,b');
    await app.channels.publish('a', 'one');
    await app.channels.publish('c', 'for nobody here');
    await stream.untilText('data: one');
    const [report] = registry.list();
    expect(report).toMatchObject({
      route: 'StreamController.follow',
      position: lastIdOf(stream),
      lag: { messages: 0, bytes: 0, forMs: 0, hasLost: false },
    });
    expect([...report!.channels].sort()).toEqual(['a', 'b']);
    const last = () => registry.list()[0]!.lastWriteAt!;
    for (let n = 0; n < 10_000 && last() === report!.lastWriteAt; n++) await app.channels.publish('a', 'more');
    expect(last()).toBeGreaterThan(report!.lastWriteAt!);
    await app.subscriptions[0]!.add('c');
    await app.subscriptions[0]!.remove('a');
    expect([...registry.list()[0]!.channels].sort()).toEqual(['b', 'c']);
  });

  it('pages by the ids of streams, and filters', async () => {
    for (const user of ['7', '8', '7', '7']) await openRaw(app.port, `/pushed?user=${user}`);
    await app.open('a');
    const ids = registry.list().map(({ id }) => id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(ids).toHaveLength(5);
    expect(registry.list({ limit: 2 }).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(registry.list({ after: ids[1]!, limit: 2 }).map(({ id }) => id)).toEqual(ids.slice(2, 4));
    expect(registry.list({ after: ids[4]! })).toEqual([]);
    expect(registry.list({ id: ids[3]! }).map(({ id }) => id)).toEqual([ids[3]]);
    expect(registry.list({ keys: { user: 7 } }).map(({ id }) => id)).toEqual([ids[0], ids[2], ids[3]]);
    expect(registry.list({ keys: { user: 7 }, after: ids[0]!, limit: 1 }).map(({ id }) => id)).toEqual([ids[2]]);
    expect(registry.countOf({ route: 'StreamController.follow' })).toBe(1);
    expect(registry.countOf({})).toBe(5);
    expect(registry.countByRoute()).toEqual(
      new Map([
        ['PushedController.pushed', 4],
        ['StreamController.follow', 1],
      ]),
    );
  });

  it('refuses what is no filter, rather than to list everything', () => {
    for (const options of [
      { limit: 0 },
      { after: -1 },
      { key: { user: 7 } },
      { keys: { user: undefined } },
      { keys: '7' },
    ]) {
      expect(() => registry.list(options as never)).toThrow(SseOptionsError);
    }
    expect(() => registry.countOf({ user: 7 } as never)).toThrow(SseOptionsError);
    expect(() => registry.recentlyClosed(-1)).toThrow(SseOptionsError);
  });

  it('holds while streams come and go', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, () => openRaw(app.port, '/pushed')));
    const listed: number[] = [];
    let after = 0;
    for (let page = registry.list({ limit: 5 }); page.length > 0; page = registry.list({ after, limit: 5 })) {
      after = page.at(-1)!.id;
      listed.push(...page.map(({ id }) => id));
      const pusher = handed.shift()!;
      await pusher.close();
    }
    expect(new Set(listed).size).toBe(listed.length);
    for (const stream of streams) stream.leave();
    await eventually(() => registry.list().length === 0);
    expect(registry.countByRoute().size).toBe(0);
  });

  it('remembers how streams have ended', async () => {
    const left = await openRaw(app.port, '/pushed?user=7');
    left.leave();
    await eventually(() => registry.count === 0);
    const ended = await openRaw(app.port, '/pushed?user=8');
    await handed[1]!.push('x'.repeat(1000));
    await handed[1]!.close();
    await ended.untilEnd();
    await eventually(() => registry.list().length === 0);
    const [newest, oldest, ...others] = registry.recentlyClosed();
    expect(others).toEqual([]);
    expect(newest).toMatchObject({ route: 'PushedController.pushed', keys: { user: '8' }, reason: 'ended' });
    expect(oldest).toMatchObject({ keys: { user: '7' }, reason: 'client' });
    expect(newest!.sentBytes).toBeGreaterThan(1000);
    expect(newest!.closedAt).toBeGreaterThanOrEqual(oldest!.closedAt);
    expect(registry.recentlyClosed(1)).toEqual([newest]);
    expect(registry.closedCounts()).toEqual(
      new Map([
        ['client', 1],
        ['ended', 1],
      ]),
    );
  });
});
