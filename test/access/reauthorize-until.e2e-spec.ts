import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Get, Logger, Req, Res } from '@nestjs/common';
import {
  Pusher,
  SseModule,
  SseOptionsError,
  SsePusher,
  SsePusherFactory,
  type SseReauthorizeOptions,
  SseStream,
} from '../../lib/index.js';
import { PUSHER_RUNTIME, type PusherRuntime } from '../../lib/pusher/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS, type Platform } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { Pass } from './support/pass.js';
import { startWatchedApp } from './support/watched-app.js';

let handled = 0;

function controllersWith(reauthorize: SseReauthorizeOptions) {
  @Controller()
  class FeedController {
    constructor(private readonly pushers: SsePusherFactory) {}

    @SseStream('feed', { reauthorize })
    feed(@Pusher() pusher: SsePusher): void {
      handled++;
      void pusher.push('hello');
    }

    @Get('made')
    made(@Req() request: unknown, @Res() response: unknown): void {
      void this.pushers.create(request, response, { reauthorize }).push('hello');
    }
  }
  return [FeedController];
}

const start = (platform: Platform, reauthorize: SseReauthorizeOptions) => {
  return startWatchedApp(platform, { controllers: controllersWith(reauthorize) });
};

const seconds = (n: number) => jest.advanceTimersByTimeAsync(n * 1000);

const inSeconds = (n: number) => Date.now() + n * 1000;

describe.each(PLATFORMS)('until of reauthorize, on %s', (platform) => {
  let errors: jest.SpiedFunction<Logger['error']>;

  beforeEach(() => {
    handled = 0;
    stopClock();
    errors = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  describe.each(['/feed', '/made'])('of a stream at %s', (path) => {
    it.each([
      ['a Date', (at: number) => new Date(at)],
      ['a number', (at: number) => at],
      ['a promise', async (at: number) => new Date(at)],
    ])('given as %s ends it then, after a warning', async (_what, given) => {
      const end = inSeconds(100);
      const app = await start(platform, { until: () => given(end) });
      const stream = await openRaw(app.port, path);
      await stream.untilText('hello');
      await seconds(69);
      expect(stream.text).toBe('data: hello\n\n');
      await seconds(2);
      await stream.untilText('reauthorize');
      const [, data] = /^event: reauthorize\ndata: (.*)\n\n$/m.exec(stream.text)!;
      expect(JSON.parse(data!)).toEqual({ until: new Date(end).toISOString(), inMs: expect.any(Number) });
      expect(Math.abs(JSON.parse(data!).inMs - 29_500)).toBeLessThanOrEqual(500);
      await seconds(28);
      expect(app.closed).toEqual([]);
      await seconds(2);
      expect(stream.text.match(/event: /g)).toHaveLength(1);
      await stream.untilEnd();
      expect(app.closed).toEqual(['revoked']);
      expect(errors).not.toHaveBeenCalled();
      await app.close();
      expect(jest.getTimerCount()).toBe(0);
    });

    it('that gives a later time when it is over lets it live, and is warned of again', async () => {
      let end = inSeconds(60);
      const app = await start(platform, { until: () => end });
      const stream = await openRaw(app.port, path);
      await seconds(40);
      end += 60_000;
      await seconds(60);
      expect([stream.text.match(/event: reauthorize/g)?.length, app.closed]).toEqual([2, []]);
      await seconds(25);
      await stream.untilEnd();
      await app.close();
    });

    it.each([
      ['nothing', () => undefined],
      ['a rejection', () => Promise.reject(new Error('no sessions'))],
      [
        'a throw',
        () => {
          throw new Error('no sessions');
        },
      ],
      ['no time', () => 'soon' as never],
    ])('that gives %s when it is over ends it', async (_what, later) => {
      const end = inSeconds(10);
      let asked = 0;
      const app = await start(platform, { until: () => (asked++ === 0 ? end : later()), warnMs: 0 });
      const stream = await openRaw(app.port, path);
      await seconds(12);
      expect(await stream.untilEnd()).toBe('data: hello\n\n');
      expect([asked, app.closed]).toEqual([2, ['revoked']]);
      await app.close();
    });

    it('that does not answer when it is over ends it ten seconds later', async () => {
      const end = inSeconds(10);
      let asked = 0;
      const app = await start(platform, { until: () => (asked++ === 0 ? end : new Promise<never>(() => {})) });
      const stream = await openRaw(app.port, path);
      await seconds(18);
      expect(app.closed).toEqual([]);
      await seconds(5);
      await stream.untilEnd();
      expect(asked).toBe(2);
      await app.close();
    });

    it('in the past is answered with 401, and nothing is delivered', async () => {
      const app = await start(platform, { until: () => new Date(Date.now() - 1) });
      const refused = await readRaw(app.port, path);
      expect([refused.status, refused.json.code, handled]).toEqual([401, 'SSE_EXPIRED', 0]);
      expect(refused.headers['content-type']).toContain('application/json');
      await app.close();
    });

    it.each([
      ['never comes', () => undefined],
      ['is null', () => null],
      ['is in a thousand years', () => new Date('3026-01-01')],
      ['is as far as dates go', () => new Date(8.64e15)],
      ['is never', () => Number.POSITIVE_INFINITY],
    ])('that %s leaves it alone', async (_what, until) => {
      const app = await start(platform, { until });
      const stream = await openRaw(app.port, path);
      await seconds(3600);
      expect(app.closed).toEqual([]);
      expect(stream.text).toBe('data: hello\n\n');
      stream.leave();
      await app.close();
    });

    it.each([
      ['in seconds', () => Math.floor(Date.now() / 1000) + 60],
      ['that is no time', () => 'soon' as never],
      ['that is an invalid date', () => new Date('soon')],
    ])('given %s is an error of the request', async (_what, until) => {
      const app = await start(platform, { until });
      expect((await readRaw(app.port, path)).status).toBe(500);
      expect(handled).toBe(0);
      await app.close();
    });
  });

  it('is given the request as guards have left it, and the context of the route', async () => {
    const seen: unknown[] = [];
    const app = await start(platform, {
      until: ({ headers }, context) => {
        seen.push(headers.authorization, context?.getHandler().name);
        return undefined;
      },
    });
    for (const path of ['/feed', '/made']) {
      (await openRaw(app.port, path, { headers: { authorization: 'token' } })).leave();
    }
    expect(seen).toEqual(['token', 'feed', 'token', undefined]);
    await app.close();
  });

  it('that is a promise of a time in the past refuses a route, and ends a stream of the factory', async () => {
    const app = await start(platform, { until: async () => new Date(0) });
    expect((await readRaw(app.port, '/feed')).status).toBe(401);
    expect(handled).toBe(0);
    await readRaw(app.port, '/made');
    expect(app.closed).toEqual(['revoked']);
    await app.close();
  });

  it('that never answers ends a stream of the factory after ten seconds, which has not waited for it', async () => {
    const app = await start(platform, { until: () => new Promise<never>(() => {}) });
    const stream = await openRaw(app.port, '/made');
    await stream.untilText('hello');
    await seconds(8);
    expect(app.closed).toEqual([]);
    await seconds(4);
    await stream.untilEnd();
    expect(app.closed).toEqual(['revoked']);
    await app.close();
  });

  it('that fails is told of once, and again when it fails after it had worked', async () => {
    const told = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => {});
    let isAway = false;
    const app = await start(platform, {
      until: () => {
        if (isAway) throw new Error('no sessions');
        return inSeconds(5);
      },
      warnMs: 0,
    });
    for (let outages = 1; outages <= 2; outages++) {
      const streams = [await openRaw(app.port, '/feed'), await openRaw(app.port, '/feed')];
      isAway = true;
      await seconds(7);
      await Promise.all(streams.map((stream) => stream.untilEnd()));
      isAway = false;
      expect(errors).toHaveBeenCalledTimes(outages);
    }
    (await openRaw(app.port, '/feed')).leave();
    expect(told.mock.calls.filter(([line]) => /can be told again/.test(String(line)))).toHaveLength(2);
    await app.close();
  });

  it.each([
    ['nothing', () => undefined, ['revoked']],
    ['a later time', () => inSeconds(7200), []],
    ['an error', () => Promise.reject(new Error('no sessions')), []],
  ])('is asked at once where somebody wants to know now: %s', async (_what, later, closed) => {
    const end = inSeconds(3600);
    let asked = 0;
    const app = await start(platform, { until: () => (asked++ === 0 ? end : later()) });
    const stream = await openRaw(app.port, '/feed');
    await stream.untilText('hello');
    app.app.get<PusherRuntime>(PUSHER_RUNTIME).authority!.check(() => true);
    await seconds(1);
    expect([asked, app.closed]).toEqual([2, closed]);
    stream.leave();
    await app.close();
  });

  it('warns with what is said instead', async () => {
    const app = await start(platform, {
      until: () => inSeconds(5),
      warnMs: 10_000,
      warning: { event: 'token', data: 'renew' },
    });
    const stream = await openRaw(app.port, '/feed');
    await seconds(1);
    await stream.untilText('event: token\ndata: renew\n\n');
    stream.leave();
    await app.close();
  });

  it('needs no further look once the client has left', async () => {
    let asked = 0;
    const app = await start(platform, {
      until: () => {
        asked++;
        return inSeconds(5);
      },
    });
    const stream = await openRaw(app.port, '/feed');
    stream.leave();
    await eventually(() => app.closed.length === 1);
    await seconds(60);
    expect(asked).toBe(1);
    await app.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('with guards ends a stream that they would let live', async () => {
    const app = await startWatchedApp(platform, {
      controllers: controllersWith({ everyMs: 1000, guards: [new Pass()], until: () => end }),
    });
    const end = inSeconds(5);
    const stream = await openRaw(app.port, '/feed');
    await seconds(6);
    await stream.untilEnd();
    expect(app.closed).toEqual(['revoked']);
    await app.close();
  });

  it('is what streams of the factory have; guards are refused at once', async () => {
    const app = await startWatchedApp(platform, { controllers: controllersWith({ guards: [new Pass()] }) });
    expect((await readRaw(app.port, '/made')).status).toBe(500);
    const thrown = () =>
      app.get(SsePusherFactory).create({ headers: {} }, {}, { reauthorize: { guards: [new Pass()] } });
    expect(thrown).toThrow(/'reauthorize\.guards' can only be asked about a route with @SseStream\(\)/);
    await app.close();
  });
});

describe('options of reauthorize', () => {
  const until = () => undefined;
  it.each<[unknown, string]>([
    [true, "'reauthorize' must be an object"],
    [{}, "'reauthorize' must have 'guards' or 'until'"],
    [{ guards: [] }, "'reauthorize.guards' must be a list of guards, got an empty one"],
    [{ guards: [() => true] }, 'number 1 is a function'],
    [{ guards: [Pass, {}] }, 'number 2 is an object'],
    [{ until, everyMs: 5000 }, "'reauthorize.everyMs' does nothing without 'guards'"],
    [{ guards: [Pass], everyMs: 999 }, "'reauthorize.everyMs' must be a number of milliseconds from 1000"],
    [{ guards: [Pass], warnMs: 5000 }, "'reauthorize.warnMs' does nothing without 'until'"],
    [{ guards: [Pass], warning: 'x' }, "'reauthorize.warning' does nothing without 'until'"],
    [{ until, warning: { id: '1', data: 'x' } }, "'reauthorize.warning' must have no id"],
    [{ until, warning: { event: 'a\nb' } }, "'reauthorize.warning' must be a message that can be sent"],
    [{ until: 5 }, "'reauthorize.until' must be a function"],
    [{ until, often: 1 }, "'reauthorize.often' is not an option"],
  ])('%j are refused at start-up', (reauthorize, problem) => {
    const options = { reauthorize: reauthorize as never };
    for (const given of [() => SseModule.forRoot(options), () => SseStream(options)]) {
      expect(given).toThrow(SseOptionsError);
      expect(given).toThrow(problem);
    }
  });
});
