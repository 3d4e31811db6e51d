import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  HttpException,
  Inject,
  Injectable,
  Logger,
  Scope,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD, REQUEST } from '@nestjs/core';
import { BehaviorSubject, EMPTY, NEVER, Observable, of } from 'rxjs';
import { Pusher, SsePusher, type SseReauthorizeOptions, SseStream } from '../../lib/index.js';
import { PUSHER_RUNTIME, type PusherRuntime } from '../../lib/pusher/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS, type Platform } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { noMore, Pass } from './support/pass.js';
import { startWatchedApp } from './support/watched-app.js';

const requestStore = new AsyncLocalStorage<string>();

/** Counts how often the route lets in. */
@Injectable()
class Throttler implements CanActivate {
  count = 0;

  canActivate(): boolean {
    this.count++;
    return true;
  }
}

const pushers: SsePusher[] = [];

function controllerWith(reauthorize: SseReauthorizeOptions | false | undefined) {
  @UseGuards(Throttler, Pass)
  @Controller()
  class FeedController {
    @SseStream('feed', reauthorize === undefined ? {} : { reauthorize })
    feed(@Pusher() pusher: SsePusher): void {
      pushers.push(pusher);
    }
  }
  return FeedController;
}

/** @returns an application whose stream `/feed` is open, and its guard */
async function startFeed(platform: Platform, reauthorize: SseReauthorizeOptions = { everyMs: 10_000, guards: [Pass] }) {
  const app = await startWatchedApp(platform, {
    controllers: [controllerWith(reauthorize)],
    providers: [Throttler, Pass],
    configure: (nest) =>
      nest.use((_request: unknown, _response: unknown, next: () => void) => requestStore.run('mine', next)),
  });
  const stream = await openRaw(app.port, '/feed', { headers: { authorization: 'token' } });
  const pass = app.get(Pass);
  pass.asked.length = 0;
  return { app, stream, pass };
}

const seconds = (n: number) => jest.advanceTimersByTimeAsync(n * 1000);

describe.each(PLATFORMS)('guards of reauthorize, on %s', (platform) => {
  let errors: jest.SpiedFunction<Logger['error']>;

  beforeEach(() => {
    stopClock();
    errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    pushers.length = 0;
  });

  it('are asked every everyMs, at most a fifth earlier, and none of the route that is not listed', async () => {
    const { app, stream, pass } = await startFeed(platform);
    await seconds(7);
    expect(pass.asked).toHaveLength(0);
    await seconds(4);
    expect(pass.asked).toHaveLength(1);
    await seconds(30);
    expect(pass.asked.length).toBeGreaterThanOrEqual(3);
    expect(app.get(Throttler).count).toBe(1);
    expect(app.closed).toEqual([]);
    await app.close();
    await stream.untilEnd();
  });

  it('see the request, the route and the AsyncLocalStorage of the stream', async () => {
    const { app, stream, pass } = await startFeed(platform);
    const stores: unknown[] = [];
    pass.say = async () => {
      stores.push(requestStore.getStore());
      return true;
    };
    await seconds(11);
    const [context] = pass.asked as [ExecutionContext];
    expect(context.switchToHttp().getRequest().headers.authorization).toBe('token');
    expect([context.getHandler().name, context.getClass().name]).toEqual(['feed', 'FeedController']);
    expect(stores).toEqual(['mine']);
    stream.leave();
    await app.close();
  });

  it('cannot write to the response, nor end it, and are told that it was sent', async () => {
    const { app, stream, pass } = await startFeed(platform);
    const seen: unknown[] = [];
    pass.say = (context) => {
      const response = context.switchToHttp().getResponse();
      const raw = response.raw ?? response;
      seen.push(raw.headersSent, response.then, raw.socket, raw.getHeader('x-none'));
      raw.setHeader('x-late', '1');
      raw.statusCode = 302;
      seen.push(raw.statusCode);
      raw.write('data: forged\n\n');
      raw.end();
      response.status?.(401).send?.('no');
      response.redirect?.('/login');
      return true;
    };
    await seconds(11);
    expect(seen).toEqual([true, undefined, undefined, undefined, 200]);
    await pushers[0]!.push('mine');
    await stream.untilText('mine');
    expect(stream.text).toBe('data: mine\n\n');
    stream.leave();
    await app.close();
  });

  it.each<[string, Pass['say']]>([
    ['false', () => false],
    ['a promise of false', async () => false],
    ['an Observable of false', () => of(true, false)],
    ['a ForbiddenException', noMore],
    ['a rejection with a status of its own', async () => Promise.reject(new HttpException('gone', 410))],
    [
      'an exception of another copy of Nest',
      () => {
        throw { getStatus: () => 401 };
      },
    ],
  ])('that answer with %s end the stream as revoked, for the client to come back', async (_what, say) => {
    const { app, stream, pass } = await startFeed(platform);
    pass.say = say;
    await seconds(11);
    expect(await stream.untilEnd()).toBe('');
    expect(app.closed).toEqual(['revoked']);
    expect(pushers[0]!.signal.reason).toEqual({ reason: 'revoked' });
    pass.say = noMore;
    expect((await openRaw(app.port, '/feed')).status).toBe(403);
    await seconds(60);
    expect(pass.asked).toHaveLength(2);
    expect(errors).not.toHaveBeenCalled();
    await app.close();
  });

  it.each<[string, () => ReturnType<Pass['say']>]>([
    [
      'throws',
      () => {
        throw new Error('no database');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('no database'))],
    [
      'throttles',
      () => {
        throw new HttpException('slow down', 429);
      },
    ],
    [
      'fails',
      () => {
        throw new HttpException('bad gateway', 502);
      },
    ],
    ['answers nothing', () => EMPTY],
  ])('one that %s is tried again, and the stream lives when it answers', async (_what, say) => {
    const { app, stream, pass } = await startFeed(platform);
    const says = [say, say, say, () => true];
    pass.say = () => says[(pass.asked.length - 1) % says.length]!();
    await seconds(20);
    expect(pass.asked).toHaveLength(4);
    expect(app.closed).toEqual([]);
    expect(errors).toHaveBeenCalledTimes(1);
    await seconds(20);
    // Broken again after it had answered, it has all its attempts again.
    expect([pass.asked.length >= 8, app.closed]).toEqual([true, []]);
    stream.leave();
    await app.close();
  });

  it('one that stays broken closes the stream after four attempts, with a time at which to come back', async () => {
    const { app, stream, pass } = await startFeed(platform);
    pass.say = () => {
      throw new Error('no database');
    };
    await seconds(25);
    expect(await stream.untilEnd()).toMatch(/^retry: \d+\n\n$/);
    expect(pass.asked).toHaveLength(4);
    expect(app.closed).toEqual(['error']);
    expect(errors.mock.calls.map(([line]) => line)).toEqual([expect.stringContaining('no database')]);
    await app.close();
  });

  it.each<[string, () => ReturnType<Pass['say']>]>([
    ['a promise', () => new Promise<boolean>(() => {})],
    ['an Observable', () => NEVER],
    ['an Observable that only begins', () => new BehaviorSubject(true)],
  ])('%s that never answers counts as broken after ten seconds', async (_what, say) => {
    const { app, stream, pass } = await startFeed(platform);
    pass.say = say;
    await seconds(19);
    expect(pass.asked).toHaveLength(1);
    await seconds(60);
    await stream.untilEnd();
    expect([pass.asked.length, app.closed]).toEqual([4, ['error']]);
    await app.close();
  });

  it('are never asked while they are being asked, and a no that comes too late still counts', async () => {
    const { app, stream, pass } = await startFeed(platform, { everyMs: 1000, guards: [Pass] });
    const late = deferred();
    pass.say = () => (pass.asked.length === 1 ? late.promise.then(() => false) : true);
    await seconds(9);
    expect(pass.asked).toHaveLength(1);
    await seconds(10);
    expect(pass.asked.length).toBeGreaterThan(1);
    late.resolve();
    await stream.untilEnd();
    expect(app.closed).toEqual(['revoked']);
    await app.close();
  });

  it('are asked at once where somebody wants to know now, and once more if they are being asked', async () => {
    const { app, stream, pass } = await startFeed(platform, { everyMs: 3_600_000, guards: [Pass] });
    const { authority } = app.app.get<PusherRuntime>(PUSHER_RUNTIME);
    const late = deferred();
    pass.say = () => late.promise.then(() => true);
    authority!.check(() => true);
    await seconds(1);
    authority!.check(() => true);
    authority!.check(() => false);
    pass.say = () => true;
    late.resolve();
    await seconds(2);
    expect(pass.asked).toHaveLength(2);
    stream.leave();
    await app.close();
  });

  it('are asked in their order until one says no', async () => {
    const second = new Pass();
    const { app, stream, pass } = await startFeed(platform, { everyMs: 1000, guards: [Pass, second] });
    await seconds(1);
    expect([pass.asked.length, second.asked.length]).toEqual([1, 1]);
    pass.say = () => false;
    await seconds(1);
    await stream.untilEnd();
    expect([pass.asked.length, second.asked.length]).toEqual([2, 1]);
    await app.close();
  });

  it('are let go of when the client leaves in the middle, and nothing runs any more', async () => {
    const second = new Pass();
    const { app, stream, pass } = await startFeed(platform, { everyMs: 1000, guards: [Pass, second] });
    let unsubscribed = false;
    pass.say = () =>
      new Observable<boolean>(() => () => {
        unsubscribed = true;
      });
    await seconds(1);
    expect(pass.asked).toHaveLength(1);
    stream.leave();
    await eventually(() => unsubscribed);
    await seconds(30);
    expect([pass.asked.length, second.asked.length, app.closed]).toEqual([1, 0, ['client']]);
    await app.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('do not run a second time for a promise that answers after the client has left', async () => {
    const second = new Pass();
    const { app, stream, pass } = await startFeed(platform, { everyMs: 1000, guards: [Pass, second] });
    const late = deferred();
    pass.say = () => late.promise.then(() => true);
    await seconds(1);
    stream.leave();
    await eventually(() => app.closed.length === 1);
    late.resolve();
    await seconds(1);
    expect(second.asked).toHaveLength(0);
    await app.close();
  });

  it('of the module hold for every route, and a route may say otherwise', async () => {
    for (const [own, asked] of [
      [undefined, 1],
      [false, 0],
    ] as const) {
      const app = await startWatchedApp(platform, {
        controllers: [controllerWith(own)],
        providers: [Throttler, Pass],
        sse: { reauthorize: { everyMs: 1000, guards: [Pass] } },
      });
      const stream = await openRaw(app.port, '/feed');
      await seconds(1);
      expect(app.get(Pass).asked).toHaveLength(1 + asked);
      stream.leave();
      await app.close();
    }
  });
});

/** What scoped guards ask: no guard of the route, which Nest makes another instance of. */
@Injectable()
class Judge extends Pass {}

@Injectable({ scope: Scope.REQUEST })
class RequestPass implements CanActivate {
  static readonly instances = new Set<RequestPass>();

  constructor(
    @Inject(REQUEST) private readonly request: { headers: Record<string, string> },
    private readonly pass: Judge,
  ) {}

  canActivate(context: ExecutionContext): ReturnType<Pass['say']> {
    RequestPass.instances.add(this);
    const same = context.switchToHttp().getRequest().headers === this.request.headers;
    return same && this.request.headers['authorization'] === 'token' && this.pass.canActivate(context);
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class TransientPass implements CanActivate {
  constructor(private readonly pass: Judge) {}

  canActivate(context: ExecutionContext): ReturnType<Pass['say']> {
    return this.pass.canActivate(context);
  }
}

@Injectable()
class NowhereGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

class NoGuard {}

describe.each(PLATFORMS)('classes in reauthorize, on %s', (platform) => {
  beforeEach(() => stopClock());

  afterEach(() => {
    jest.useRealTimers();
    RequestPass.instances.clear();
  });

  it.each([
    ['request-scoped', RequestPass, [RequestPass]],
    ['transient', TransientPass, [TransientPass]],
    ['a guard of the whole application', RequestPass, [{ provide: APP_GUARD, useClass: RequestPass }]],
    ['a singleton guard of the whole application', Pass, []],
  ])('may be %s', async (_what, guard, providers) => {
    const app = await startWatchedApp(platform, {
      controllers: [controllerWith({ everyMs: 1000, guards: [guard] })],
      providers: [Throttler, Pass, Judge, ...providers],
    });
    const stream = await openRaw(app.port, '/feed', { headers: { authorization: 'token' } });
    const pass = app.get(guard === Pass ? Pass : Judge);
    const before = pass.asked.length;
    await seconds(2);
    await eventually(() => pass.asked.length >= before + 2);
    // As within one request: once for the route, where it is asked there, and then the same again and again.
    expect(RequestPass.instances.size).toBe(guard === RequestPass ? 1 : 0);
    pass.say = () => false;
    await seconds(2);
    await stream.untilEnd();
    expect(app.closed).toEqual(['revoked']);
    await app.close();
  });

  it('may be ones that only a route uses', async () => {
    const app = await startWatchedApp(platform, {
      controllers: [controllerWith({ everyMs: 1000, guards: [Throttler] })],
      providers: [Pass],
    });
    const stream = await openRaw(app.port, '/feed');
    await seconds(1);
    stream.leave();
    await app.close();
  });

  it('that cannot be found, or are no guards, keep the application from starting, all told at once', async () => {
    const start = startWatchedApp(platform, {
      controllers: [controllerWith({ guards: [NowhereGuard, NoGuard as never] })],
      providers: [Throttler, Pass, NoGuard],
      sse: { reauthorize: { guards: [NowhereGuard] } },
    });
    await expect(start).rejects.toMatchObject({
      code: 'SSE_OPTIONS',
      problems: [
        { option: 'reauthorize.guards', problem: expect.stringContaining('names NowhereGuard, which no module has') },
        { option: 'reauthorize.guards of FeedController.feed', problem: expect.stringContaining('NowhereGuard') },
        { option: 'reauthorize.guards of FeedController.feed', problem: expect.stringContaining('no canActivate()') },
      ],
    });
  });
});
