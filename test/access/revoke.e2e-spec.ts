import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger, UnauthorizedException, UseGuards } from '@nestjs/common';
import { REVOCATIONS } from '../../lib/channel/channel-name.js';
import {
  Pusher,
  type SseBackplane,
  SseBackplaneError,
  SseChannels,
  SsePusher,
  SseStream,
  type SseStreamFilter,
} from '../../lib/index.js';
import { SharedLog } from '../channel/support/shared-log.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS, type Platform } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';
import { Pass } from './support/pass.js';
import { startWatchedApp, type WatchedApp } from './support/watched-app.js';

@UseGuards(Pass)
@Controller()
class FeedController {
  @SseStream('feed')
  feed(@Pusher() pusher: SsePusher): void {
    pusher.open();
  }

  @SseStream('held', { openAfterMs: 'first-message' })
  held(@Pusher() pusher: SsePusher): void {
    held.push(pusher);
  }

  @SseStream('held-checked', {
    openAfterMs: 'first-message',
    reauthorize: { guards: [Pass], everyMs: 3_600_000 },
  })
  heldChecked(@Pusher() pusher: SsePusher): void {
    held.push(pusher);
  }

  @SseStream('checked', { reauthorize: { guards: [Pass], everyMs: 3_600_000 } })
  checked(@Pusher() pusher: SsePusher): void {
    pusher.open();
  }
}

const held: SsePusher[] = [];

const startFeed = (platform: Platform, backplane?: SseBackplane) => {
  return startWatchedApp(platform, {
    controllers: [FeedController],
    sse: {
      ...(backplane && { backplane }),
      keys: ({ headers }) => ({ user: headers.user, tenant: headers.tenant }),
    },
  });
};

const open = ({ port }: WatchedApp, keys: Record<string, string>, path = '/feed'): Promise<RawStream> => {
  return openRaw(port, path, { headers: keys });
};

describe.each(PLATFORMS)('SseStreamRegistry.revoke() on %s', (platform) => {
  let errors: jest.SpiedFunction<Logger['error']>;
  const apps: WatchedApp[] = [];

  const startOne = async (backplane?: SseBackplane) => {
    const app = await startFeed(platform, backplane);
    apps.push(app);
    return app;
  };

  beforeEach(() => {
    errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    jest.restoreAllMocks();
    held.length = 0;
  });

  it('closes the streams that match, and no other; their clients come back and are told no', async () => {
    const app = await startOne();
    const gone = [await open(app, { user: '7', tenant: 'acme' }), await open(app, { user: '7', tenant: 'emca' })];
    const other = await open(app, { user: '8', tenant: 'acme' });
    const nobody = await open(app, {});
    await expect(app.registry.revoke({ keys: { user: 7 } })).resolves.toEqual({ closed: 2 });
    expect(await Promise.all(gone.map((stream) => stream.untilEnd()))).toEqual(['', '']);
    expect([app.closed, app.registry.count]).toEqual([['revoked', 'revoked'], 2]);
    app.get(Pass).say = () => {
      throw new UnauthorizedException();
    };
    expect((await open(app, { user: '7' })).status).toBe(401);
    await expect(app.registry.revoke({ keys: { user: '7' } })).resolves.toEqual({ closed: 0 });
    expect([other.ended, nobody.ended]).toEqual([false, false]);
  });

  it.each<[SseStreamFilter, number]>([
    [{ keys: { user: '7', tenant: 'acme' } }, 1],
    [{ route: 'FeedController.feed' }, 3],
    [{ route: 'FeedController.feed', keys: { tenant: 'acme' } }, 2],
    [{ id: 2 }, 1],
    [{ id: 2, keys: { user: '7' } }, 0],
    [{ keys: { toString: '7' } }, 0],
    [{ keys: { user: '' } }, 0],
  ])('takes %j for what is said: all of it', async (filter, closed) => {
    const app = await startOne();
    for (const keys of [
      { user: '7', tenant: 'acme' },
      { user: '8', tenant: 'acme' },
      { user: '7', tenant: 'emca' },
    ]) {
      await open(app, keys);
    }
    await expect(app.registry.revoke(filter)).resolves.toEqual({ closed });
  });

  it.each<[unknown, string]>([
    [{}, 'must name an id, a route or keys'],
    [{ keys: {} }, 'must name an id, a route or keys'],
    [{ keys: { user: undefined } }, "'keys.user' must be a string or a number"],
    [{ keys: { user: null } }, "'keys.user' must be a string or a number"],
    [{ keys: { user: Number.NaN } }, "'keys.user' must be a string or a number"],
    [{ keys: ['7'] }, "'keys' must be an object"],
    [{ user: '7' }, "'user' is not an option"],
    [undefined, 'must be an object'],
    [null, 'must be an object'],
  ])('refuses %j, and closes nothing', async (filter, problem) => {
    const app = await startOne();
    await open(app, { user: '7' });
    await expect(app.registry.revoke(filter as never)).rejects.toMatchObject({
      code: 'SSE_OPTIONS',
      message: expect.stringContaining(problem),
    });
    expect(app.closed).toEqual([]);
  });

  it('closes what has not opened yet', async () => {
    const app = await startOne();
    const opening = open(app, { user: '7' }, '/held');
    await eventually(() => held.length === 1);
    await expect(app.registry.revoke({ keys: { user: '7' } })).resolves.toEqual({ closed: 1 });
    await expect(held[0]!.push('secret')).resolves.toBe(false);
    expect(await (await opening).untilEnd()).toBe('');
  });

  it('asks the guards once more about a request that they had let in, and whose stream opens only now', async () => {
    stopClock();
    const app = await startOne();
    const pass = app.get(Pass);
    const asked = deferred();
    pass.say = () => asked.promise.then(() => true);
    const opening = open(app, { user: '7' }, '/checked');
    await eventually(() => pass.asked.length === 1);
    await app.registry.revoke({ keys: { user: '7' } });
    pass.say = () => false;
    asked.resolve();
    const stream = await opening;
    const other = await open(app, { user: '8' }, '/feed');
    expect(other.status).toBe(403);
    await jest.advanceTimersByTimeAsync(2000);
    await stream.untilEnd();
    expect(app.closed).toEqual(['revoked']);
    jest.useRealTimers();
  });

  it('asks about such a request also when its stream opens long after, for its head was held', async () => {
    stopClock();
    const app = await startOne();
    const pass = app.get(Pass);
    const asked = deferred();
    pass.say = () => asked.promise.then(() => true);
    const opening = open(app, { user: '7' }, '/held-checked');
    await eventually(() => pass.asked.length === 1);
    await app.registry.revoke({ keys: { user: '7' } });
    pass.say = () => false;
    asked.resolve();
    await eventually(() => held.length === 1);
    await jest.advanceTimersByTimeAsync(60_000);
    await held[0]!.push('first');
    await jest.advanceTimersByTimeAsync(2000);
    await (await opening).untilEnd();
    expect(app.closed).toEqual(['revoked']);
    jest.useRealTimers();
  });

  it('asks about such a request of another instance, too, whose first stream it becomes', async () => {
    const log = new SharedLog();
    const [one, other] = [await startOne(log.member()), await startOne(log.member())];
    stopClock();
    const pass = other.get(Pass);
    const asked = deferred();
    pass.say = () => asked.promise.then(() => true);
    const opening = open(other, { user: '7' }, '/checked');
    await eventually(() => pass.asked.length === 1);
    await one.registry.revoke({ keys: { user: '7' } });
    jest.advanceTimersByTime(10);
    pass.say = () => false;
    asked.resolve();
    const stream = await opening;
    await log.settled();
    await jest.advanceTimersByTimeAsync(2000);
    await stream.untilEnd();
    expect([pass.asked.length, other.closed]).toEqual([2, ['revoked']]);
    jest.useRealTimers();
  });

  it('hands the event loop back after a hundred, and counts all of them', async () => {
    const app = await startOne();
    const gone = await Promise.all(Array.from({ length: 120 }, () => open(app, { user: '7' })));
    const revoking = app.registry.revoke({ keys: { user: '7' } });
    expect(app.closed).toHaveLength(100);
    await expect(revoking).resolves.toEqual({ closed: 120 });
    await Promise.all(gone.map((stream) => stream.untilEnd()));
  });

  it('closes on every instance, and what opens afterwards stays', async () => {
    const log = new SharedLog();
    const [one, other] = [await startOne(log.member()), await startOne(log.member())];
    const gone = [await open(one, { user: '7' }), await open(other, { user: '7' })];
    const stays = [await open(one, { user: '8' }), await open(other, { user: '8' })];
    await expect(one.registry.revoke({ keys: { user: '7' } })).resolves.toEqual({ closed: 1 });
    await Promise.all(gone.map((stream) => stream.untilEnd()));
    const back = [await open(one, { user: '7' }), await open(other, { user: '7' })];
    await log.settled();
    expect([one.closed, other.closed]).toEqual([['revoked'], ['revoked']]);
    expect([...stays, ...back].map(({ ended }) => ended)).toEqual([false, false, false, false]);
    expect(errors).not.toHaveBeenCalled();
  });

  it('does not close the first stream of an instance that opens after it', async () => {
    const log = new SharedLog();
    const [one, other] = [await startOne(log.member()), await startOne(log.member())];
    stopClock();
    await one.registry.revoke({ keys: { user: '7' } });
    jest.advanceTimersByTime(10);
    const back = await open(other, { user: '7' });
    await log.settled();
    expect([back.ended, other.closed]).toEqual([false, []]);
    jest.useRealTimers();
  });

  it('reaches a stream that had opened while its instance was only beginning to listen', async () => {
    const log = new SharedLog();
    const member = log.member();
    const [one, other] = [await startOne(log.member()), await startOne(member)];
    const opening = deferred();
    const openNow = member.open.bind(member);
    jest.spyOn(member, 'open').mockImplementation((channel) => opening.promise.then(() => openNow(channel)));
    const stream = await open(other, { user: '7' });
    await one.registry.revoke({ keys: { user: '7' } });
    opening.resolve();
    await stream.untilEnd();
    expect(other.closed).toEqual(['revoked']);
  });

  it('reaches an instance that was cut off, when it comes back', async () => {
    const log = new SharedLog();
    const member = log.member();
    const [one, other] = [await startOne(log.member()), await startOne(member)];
    const stream = await open(other, { user: '7' });
    await log.settled();
    const back = member.hold();
    await one.registry.revoke({ keys: { user: '7' } });
    await log.settled();
    expect(other.closed).toEqual([]);
    back();
    await stream.untilEnd();
    expect(errors).not.toHaveBeenCalled();
  });

  it('that is lost to an instance has it say so aloud, and check at once who can be checked', async () => {
    const log = new SharedLog();
    const other = await startOne(log.member());
    const checked = await open(other, { user: '7' }, '/checked');
    const unchecked = await open(other, { user: '8' });
    await log.settled();
    other.get(Pass).say = () => false;
    log.loseUnheard(REVOCATIONS, 1);
    await checked.untilEnd();
    expect([other.closed, unchecked.ended]).toEqual([['revoked'], false]);
    expect(errors.mock.calls.map(([line]) => line)).toEqual([
      expect.stringMatching(
        /^Revocations of other instances may have been missed: .* 1 streams of this instance have no/,
      ),
    ]);
  });

  it.each(['failOver', 'flush'] as const)('may be lost when the log has: %s', async (how) => {
    const log = new SharedLog();
    const other = await startOne(log.member());
    const checked = await open(other, { user: '7' }, '/checked');
    await log.settled();
    other.get(Pass).say = () => false;
    if (how === 'flush') log.flush();
    else log.failOver(1);
    await checked.untilEnd();
    expect(errors).toHaveBeenCalledTimes(1);
  });

  it('rejects when the others could not be told, and closes its own all the same', async () => {
    const log = new SharedLog();
    const member = log.member();
    const one = await startOne(member);
    const stream = await open(one, { user: '7' });
    jest.spyOn(member, 'publish').mockRejectedValue(new SseBackplaneError('unreachable', 'cannot be reached', false));
    await expect(one.registry.revoke({ keys: { user: '7' } })).rejects.toBeInstanceOf(SseBackplaneError);
    await stream.untilEnd();
    expect(one.closed).toEqual(['revoked']);
    void one.registry.revoke({ keys: { user: '7' } });
    await eventually(() => errors.mock.calls.length === 1);
    expect(errors.mock.calls[0]![0]).toContain('nobody awaited it');
  });

  it('rejects with a typed error after the application has closed', async () => {
    const one = await startFeed(platform, new SharedLog().member());
    await one.close();
    await expect(one.registry.revoke({ keys: { user: '7' } })).rejects.toMatchObject({ reason: 'stopped' });
  });

  it('listens again when the backplane comes back, and hears what was said meanwhile', async () => {
    const log = new SharedLog();
    const [one, other] = [await startOne(log.member()), await startOne(log.member())];
    log.outage(true);
    stopClock();
    const stream = await open(other, { user: '7' });
    await jest.advanceTimersByTimeAsync(5000);
    await one.registry.revoke({ keys: { user: '7' } });
    log.outage(false);
    await jest.advanceTimersByTimeAsync(60_000);
    await stream.untilEnd();
    expect(other.closed).toEqual(['revoked']);
    jest.useRealTimers();
  });

  it('is no word of its own by which an instance closes what has opened since', async () => {
    const log = new SharedLog();
    const member = log.member();
    const one = await startOne(member);
    const gone = await open(one, { user: '7' });
    await log.settled();
    const deliver = member.hold();
    await one.registry.revoke({ keys: { user: '7' } });
    await gone.untilEnd();
    const back = await open(one, { user: '7' });
    deliver();
    await log.settled();
    expect([back.ended, one.closed]).toEqual([false, ['revoked']]);
  });

  it('that may have been missed while the backplane could not be asked is told of, and only then', async () => {
    const log = new SharedLog();
    log.loseUnheard(REVOCATIONS, 3);
    const before = await startOne(log.member());
    await open(before, { user: '7' });
    await log.settled();
    expect(errors).not.toHaveBeenCalled();

    const other = await startOne(log.member());
    log.outage(true);
    stopClock();
    await open(other, { user: '7' });
    await jest.advanceTimersByTimeAsync(5000);
    log.loseUnheard(REVOCATIONS, 3);
    log.outage(false);
    errors.mockClear();
    await jest.advanceTimersByTimeAsync(60_000);
    await log.settled();
    expect(errors.mock.calls.filter(([line]) => /may have been missed/.test(String(line)))).toHaveLength(2);
    jest.useRealTimers();
  });

  it('is waited for by no timer after the application has closed', async () => {
    stopClock();
    const log = new SharedLog();
    const one = await startFeed(platform, log.member());
    log.outage(true);
    (await open(one, { user: '7' })).leave();
    await log.settled();
    await one.close();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('does not believe what no instance can have said, and says so once', async () => {
    const log = new SharedLog();
    const [one, other] = [await startOne(log.member()), await startOne(log.member())];
    const stream = await open(other, { user: '7' });
    await log.settled();
    const said = [
      '',
      'null',
      '[]',
      '{"v":1}',
      '{"v":1,"from":"x"}',
      '{"v":1,"from":"x","keys":{}}',
      '{"v":1,"from":"x","id":1}',
      '{"v":1,"from":"x","keys":{"user":null}}',
      '{"v":1,"from":"x","keys":{"user":"7"},"more":true}',
      '{"v":2,"from":"x","keys":{"user":"7"}}',
      '{"from":"x","keys":{"user":"7"}}',
      '{"v":1,"keys":{"user":"7"}}',
    ];
    for (const data of said) {
      log.place({ channel: REVOCATIONS, body: `data: ${data}\n\n`, key: undefined });
    }
    await log.settled();
    expect(other.closed).toEqual([]);
    expect(errors).toHaveBeenCalledTimes(1);
    await one.registry.revoke({ keys: { user: '7' } });
    await stream.untilEnd();
  });

  it('shows nothing of it to those who use channels', async () => {
    const log = new SharedLog();
    const [one, other] = [await startOne(log.member()), await startOne(log.member())];
    const channels = other.get(SseChannels);
    const events: unknown[] = [];
    channels.events$.subscribe((event) => events.push(event));
    one.get(SseChannels).events$.subscribe((event) => events.push(event));
    await open(other, { user: '7' });
    await one.registry.revoke({ keys: { user: '8' } });
    await log.settled();
    expect([channels.localNames(), channels.has(REVOCATIONS), events]).toEqual([[], false, []]);
    expect(() => channels.subscribe(REVOCATIONS)).toThrow(/must not begin with U\+0000/);
    await expect(channels.publish(REVOCATIONS, 'x')).rejects.toMatchObject({ code: 'SSE_CHANNEL' });
    await expect(channels.close(REVOCATIONS)).rejects.toMatchObject({ code: 'SSE_CHANNEL' });
  });

  it('asks nothing of the backplane where there is no stream, nor of one that serves a single process', async () => {
    const member = new SharedLog().member();
    const one = await startOne(member);
    expect(member.opens).toBe(0);
    await open(one, { user: '7' });
    await eventually(() => member.opens === 1);
    await open(one, { user: '8' });
    expect(member.opens).toBe(1);
  });

  it('keeps no revocation by the bounds that users give their history, nor asks them for any', async () => {
    const log = new SharedLog();
    const member = log.member();
    const asked: string[] = [];
    const one = await startWatchedApp(platform, {
      sse: { backplane: member, history: { events: 0, perChannel: (name) => void asked.push(name) } },
    });
    apps.push(one);
    await one.registry.revoke({ keys: { user: '7' } });
    expect(asked).not.toContain(REVOCATIONS);
    expect(member.history?.limitsOf(REVOCATIONS)).toMatchObject({ events: 1000, bytes: 1024 * 1024, ageMs: 300_000 });
  });
});
