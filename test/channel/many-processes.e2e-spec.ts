import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { REVOCATIONS } from '../../lib/channel/channel-name.js';
import type { SseChannelEvent } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { dataOf, lastIdOf, startChannelApp } from './support/channel-app.js';
import { SharedLog } from './support/shared-log.js';
import { StreamClient } from './support/stream-client.js';

describe.each(PLATFORMS)('applications that share a log, on %s', (platform) => {
  it('deliver what any of them publishes, and resume what another one has begun', async () => {
    const log = new SharedLog();
    const [one, other] = [log.member(), log.member()];
    const first = await startChannelApp(platform, { sse: { backplane: one } });
    const second = await startChannelApp(platform, { sse: { backplane: other } });
    const stream = await first.open('a,b');
    await stream.untilText('id: ');
    await second.channels.publish('a', '1');
    await first.channels.publish('b', '2');
    await second.channels.broadcast('3');
    await stream.untilText('data: 3\n\n');
    stream.leave();
    await first.channels.publish('a', '4');
    const back = await second.open('a,b', lastIdOf(stream));
    await first.channels.publish('b', '5');
    await back.untilText('data: 5\n\n');
    expect([...dataOf(stream), ...dataOf(back)]).toEqual(['1', '2', '3', '4', '5']);

    await first.channels.close('a', { final: '6' });
    await second.channels.close('b');
    await back.untilEnd();
    expect(dataOf(back)).toEqual(['4', '5', '6']);
    expect((await first.open('a,b', lastIdOf(back))).status).toBe(204);
    await eventually(() => [...one.opened, ...other.opened].every((name) => name === REVOCATIONS));
    expect([first.channels.localStats(), second.channels.localStats()]).toEqual([[], []]);
    await Promise.all([first.close(), second.close()]);
  });

  it('start a first connect at the newest position that there is, not at the newest that they know', async () => {
    const log = new SharedLog();
    const first = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const second = await startChannelApp(platform, { sse: { backplane: log.member() }, subscribe: () => ({ replay }) });
    let replay = 0;
    await first.channels.publish('a', 'before');
    const stream = await second.open('a');
    await stream.untilText('id: ');
    await first.channels.publish('a', 'after');
    await stream.untilText('after');
    expect(dataOf(stream)).toEqual(['after']);
    replay = 5;
    const replayed = await second.open('a');
    await replayed.untilText('after');
    expect(dataOf(replayed)).toEqual(['before', 'after']);
    await Promise.all([first.close(), second.close()]);
  });

  it('open a channel once for all who ask for it meanwhile, and lose nothing that comes meanwhile', async () => {
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member }, subscribe: { replay: 'all' } });
    const opening = Promise.all(Array.from({ length: 10 }, () => app.open('a')));
    for (let n = 0; n < 30; n++) {
      void app.channels.publish('a', `${n}`);
      await nextTurn();
    }
    const streams = await opening;
    await Promise.all(streams.map((stream) => stream.untilText('data: 29\n\n')));
    expect(streams.map(dataOf)).toEqual(streams.map(() => Array.from({ length: 30 }, (_, n) => `${n}`)));
    // Itself, that of the broadcasts, and the one on which applications hear of revocations.
    expect(member.opens).toBe(3);
    await app.close();
  });

  it('let go of a channel whose only client has left while it was opened, and say nothing of it', async () => {
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member } });
    const told: SseChannelEvent[] = [];
    app.channels.events$.subscribe((event) => told.push(event));
    const opened = deferred();
    const open = jest.spyOn(member, 'open').mockImplementation(async (channel) => {
      await opened.promise;
      return log.startOf(channel);
    });
    const left = new Promise((resolve) => {
      app.app
        .getHttpServer()
        .on('request', (_request: unknown, response: ServerResponse) => response.on('close', resolve));
    });
    const client = new StreamClient(app.port, '/stream?of=a').connect();
    await eventually(() => open.mock.calls.length === 3);
    client.cut();
    await left;
    opened.resolve();
    await log.settled();
    expect([app.channels.localStats(), told]).toEqual([[], []]);
    await app.close();
  });

  it('follow what is added while the first channels are opened, and not what is removed', async () => {
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member } });
    const opened = deferred();
    const openNow = member.open.bind(member);
    const open = jest
      .spyOn(member, 'open')
      .mockImplementation((channel) => opened.promise.then(() => openNow(channel)));
    const opening = app.open('a,b');
    await eventually(() => open.mock.calls.length === 4);
    const [subscription] = app.subscriptions;
    const changed = Promise.all([subscription?.remove('b'), subscription?.add('c')]);
    opened.resolve();
    await changed;
    const stream = await opening;
    expect(app.channels.localNames().sort()).toEqual(['a', 'c']);
    for (const name of ['a', 'b', 'c']) await app.channels.publish(name, `to ${name}`);
    await stream.untilText('data: to c\n\n');
    expect(dataOf(stream)).toEqual(['to a', 'to c']);
    await app.close();
  });

  it('refuse a stream whose channels cannot be opened, and let go of those that could', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member } });
    log.failOpening = new Error('cannot be reached');
    expect((await app.open('a')).status).toBe(500);
    log.failOpening = undefined;
    const stream = await app.open('a');
    await app.channels.publish('a', 'x');
    await stream.untilText('data: x');
    log.failOpening = new Error('cannot be reached');
    expect((await app.open('a,b')).status).toBe(500);
    expect(app.channels.localStats()).toMatchObject([{ channel: 'a', subscribers: 1 }]);
    logged.mockRestore();
    await app.close();
  });
});
