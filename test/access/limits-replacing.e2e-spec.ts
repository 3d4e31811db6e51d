import { afterEach, describe, expect, it } from '@jest/globals';
import type { SseModuleOptions, SsePusher } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { fill } from '../pusher/support/fill.js';
import { reasonOf } from '../pusher/support/handed-over.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw, type RawStream, readRaw } from '../pusher/support/raw-client.js';
import { RawSocket } from '../pusher/support/raw-socket.js';
import { unfinishedStreams } from '../pusher/support/unfinished.js';
import { type LimitedApp, startLimited } from './support/limited-app.js';

const ONE_EACH = { per: { user: { max: 1, onFull: 'replace-oldest' } } } as const;
const REPLACED = 'id: ~replaced\nevent: replaced\ndata: {"per":"user","max":1}\n\n';

describe.each(PLATFORMS)('a newer stream of the same user on %s', (platform) => {
  let app: LimitedApp;

  afterEach(() => app.close());

  async function start(sse: SseModuleOptions = {}): Promise<void> {
    app = await startLimited(platform, { ...ONE_EACH, ...sse.limits }, sse);
  }

  async function open(path = '/stream?user=ann', id?: string): Promise<[RawStream, SsePusher]> {
    const stream = await openRaw(app.port, path, { headers: id === undefined ? {} : { 'Last-Event-ID': id } });
    return [stream, await app.handedOver.next()];
  }

  it('ends the older one with an event, and whoever comes back with its id gets 204', async () => {
    await start();
    const [older, olderPusher] = await open();
    const [newer, newerPusher] = await open();
    expect(await older.untilEnd()).toBe(`${older.text.split('\n\n')[0]}\n\n${REPLACED}`);
    expect(await reasonOf(olderPusher)).toEqual({ reason: 'replaced' });
    const back = await readRaw(app.port, '/stream?user=ann', { headers: { 'Last-Event-ID': '~replaced' } });
    expect(back.status).toBe(204);
    expect((await readRaw(app.port, '/stream?user=ann&lastEventId=~replaced')).status).toBe(204);
    await newerPusher.push('still here');
    await newer.untilText('data: still here\n\n');
  });

  it('writes what waits for the older one before it is told', async () => {
    await start();
    const [older, pusher] = await open();
    void pusher.push({ id: '7', data: 'last words' });
    await open();
    expect(await older.untilEnd()).toMatch(/id: 7\ndata: last words\n\nid: ~replaced\nevent: replaced\n/);
  });

  it('has the closing message bring nobody back, and another event if the application says so', async () => {
    await start({
      limits: { ...ONE_EACH, replacedEvent: 'moved' },
      closeMessage: { id: 'bye', event: 'bye', data: 1 },
    });
    const [older] = await open();
    await open();
    const text = await older.untilEnd();
    expect(text).toContain('event: moved\ndata: {"per":"user","max":1}\n\n');
    expect(text).toMatch(/id: ~replaced\nevent: bye\ndata: 1\n\n$/);
  });

  it('ends a stream that follows a channel, whose ids are of another kind', async () => {
    await start();
    const older = await openRaw(app.port, '/feed?user=ann');
    await older.untilText('id: ');
    await app.channels.publish('feed', 'one');
    await older.untilText('data: one');
    const newer = await openRaw(app.port, '/feed?user=ann');
    await newer.untilText('id: ');
    expect(await older.untilEnd()).toMatch(/data: one\n\nid: ~replaced\nevent: replaced\n.*\n\n$/);
    const id = /id: (\S+)\ndata: one/.exec(older.text)![1]!;
    await app.channels.publish('feed', 'two');
    expect((await readRaw(app.port, '/feed?user=ann', { headers: { 'Last-Event-ID': '~replaced' } })).status).toBe(204);
    const again = await openRaw(app.port, `/feed?user=ann&lastEventId=${id}`);
    await again.untilText('data: two');
    expect(again.text).not.toContain('event: gap');
    expect(await newer.untilEnd()).toContain(REPLACED);
  });

  it('is no stream yet while it may still fail: one that does ends nobody', async () => {
    await start();
    const [older, pusher] = await open();
    expect((await readRaw(app.port, '/missing?user=ann')).status).toBe(404);
    const held = openRaw(app.port, '/held?user=ann');
    await eventually(() => unfinishedStreams(app.app) === 2);
    expect((await readRaw(app.port, '/stream?user=ann', { method: 'HEAD' })).status).toBe(200);
    app.fail();
    expect((await held).status).toBe(404);
    await pusher.push('still here');
    await older.untilText('data: still here\n\n');
    expect(unfinishedStreams(app.app)).toBe(1);
  });

  it('ends nobody when the server has no room for it', async () => {
    await start({ limits: { ...ONE_EACH, maxStreams: 2 } });
    const [older, pusher] = await open();
    await open('/stream?user=bob');
    expect((await readRaw(app.port, '/stream?user=ann')).status).toBe(503);
    await pusher.push('still here');
    await older.untilText('data: still here\n\n');
  });

  it('has a peer cut off that never reads, so that ends which nobody takes do not pile up', async () => {
    await start({ writeTimeoutMs: 0 });
    const sleepers: RawSocket[] = [];
    for (let n = 0; n < 8; n++) {
      const sleeper = (await RawSocket.connect(app.port)).get('/stream?user=ann');
      sleepers.push(sleeper);
      const pusher = await app.handedOver.next();
      await sleeper.untilText('retry: ');
      sleeper.pause();
      await fill(pusher);
      expect(unfinishedStreams(app.app)).toBeLessThanOrEqual(2);
    }
    for (const sleeper of sleepers) {
      sleeper.resume();
    }
    const texts = await Promise.all(sleepers.slice(0, 6).map((sleeper) => sleeper.untilClosed()));
    expect(texts.filter((text) => text.includes('~replaced'))).toEqual([]);
    // The last that was ended had not been cut off by then.
    await sleepers[6]!.untilText('event: replaced');
    sleepers[7]!.leave();
  });

  it('bounds those whose heads are held, too, and ends the oldest of them', async () => {
    await start();
    const first = openRaw(app.port, '/held?user=ann');
    await eventually(() => unfinishedStreams(app.app) === 1);
    const second = openRaw(app.port, '/held?user=ann');
    expect(await (await first).untilEnd()).toContain(REPLACED);
    app.fail();
    expect((await second).status).toBe(404);
  });

  it('leaves one open of many that come at once, and nothing behind', async () => {
    await start();
    const all = await Promise.all(
      Array.from({ length: 200 }, () => openRaw(app.port, '/stream?user=ann').catch(() => {})),
    );
    await eventually(() => unfinishedStreams(app.app) === 1);
    for (const each of all) {
      each?.leave();
    }
    await eventually(() => unfinishedStreams(app.app) === 0);
    const stream = await openRaw(app.port, '/feed?user=ann');
    await stream.untilText('id: ');
    await app.channels.publish('feed', 'hello');
    await stream.untilText('data: hello');
  });

  it('ends nobody as replaced when the application closes in between', async () => {
    await start();
    const [older] = await open();
    const held = openRaw(app.port, '/held?user=ann');
    await eventually(() => unfinishedStreams(app.app) === 2);
    await app.close();
    expect(await older.untilEnd()).not.toContain('replaced');
    expect(await (await held).untilEnd()).not.toContain('replaced');
  });
});
