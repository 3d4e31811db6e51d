import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Logger } from '@nestjs/common';
import { Pusher, SseBackplaneError, SseChannels, SsePusher, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { startChannelApp } from './support/channel-app.js';
import { SharedLog } from './support/shared-log.js';

const statesAfterPipe: string[] = [];

@Controller()
class PipingController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('piped')
  async pipe(@Pusher() pusher: SsePusher) {
    await pusher.pipe(this.channels.subscribe('a'));
    statesAfterPipe.push(pusher.state);
    await pusher.close();
  }

  @SseStream('opened')
  async greet(@Pusher() pusher: SsePusher) {
    await pusher.push('hello');
    await pusher.pipe(this.channels.subscribe('a'));
  }
}

describe.each(PLATFORMS)('while the backplane is away, on %s', (platform) => {
  let logged: jest.SpiedFunction<Logger['error']>;
  let good: jest.SpiedFunction<Logger['log']>;

  beforeEach(() => {
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    good = jest.spyOn(Logger.prototype, 'log').mockImplementation(() => {});
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  const timesSaid = (spy: { readonly mock: { readonly calls: unknown[][] } }, what: RegExp) =>
    spy.mock.calls.filter(([line]) => what.test(String(line))).length;

  it('streams that need it are sent away such that EventSource comes back, and it is said once', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, {
      sse: { backplane: log.member(), retryMs: 2000, shutdown: { spreadMs: 0 } },
      controllers: [PipingController],
    });
    log.outage(true);
    for (let n = 0; n < 3; n++) {
      const refused = await app.open('a');
      expect([refused.status, await refused.untilEnd()]).toEqual([200, 'retry: 2000\n\n']);
      expect(refused.headers['content-type']).toMatch('text/event-stream');
    }
    const piped = await openRaw(app.port, '/piped');
    expect([piped.status, await piped.untilEnd()]).toEqual([200, 'retry: 2000\n\n']);
    expect(statesAfterPipe.splice(0)).toEqual(['closed']);
    const opened = await openRaw(app.port, '/opened');
    expect(await opened.untilEnd()).toMatch(/data: hello\n\nretry: 2000\n\n$/);
    await eventually(() => app.app.get(SseStreamRegistry).count === 0);
    expect(timesSaid(logged, /cannot be opened: The backplane cannot be reached/)).toBe(1);
    expect(logged).toHaveBeenCalledTimes(1);

    log.outage(false);
    const stream = await app.open('a');
    await stream.untilText('id: ');
    expect(timesSaid(good, /can be opened again/)).toBe(1);
    log.outage(true);
    await (await app.open('b')).untilEnd();
    expect(logged).toHaveBeenCalledTimes(2);
    await app.channels.publish('a', 'still here');
    await stream.untilText('still here');
    await app.close();
  });

  it('they get a status where the module says so', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, {
      sse: { backplane: log.member(), shutdown: { refuseWith: 'status', spreadMs: 0 } },
      controllers: [PipingController],
    });
    log.outage(true);
    for (const path of ['/stream?of=a', '/piped']) {
      const refused = await openRaw(app.port, path);
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBe('1');
      await refused.untilEnd();
      expect(refused.json).toMatchObject({ code: 'SSE_CAPACITY', message: expect.stringContaining('try again later') });
    }
    await app.close();
  });

  it('a loop is told', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, { sse: { backplane: log.member() } });
    log.outage(true);
    const loop = app.channels.subscribe('a')[Symbol.asyncIterator]();
    await expect(loop.next()).rejects.toBeInstanceOf(SseBackplaneError);
    await expect(loop.next()).resolves.toEqual({ done: true, value: undefined });
    expect(app.channels.localNames()).toEqual([]);
    await app.close();
  });

  it('an end of the application is no outage to be told of', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, { sse: { backplane: log.member(), shutdown: { spreadMs: 0 } } });
    log.failOpening = new SseBackplaneError('stopped', 'has stopped', false);
    await (await app.open('a')).untilEnd();
    expect(logged).not.toHaveBeenCalled();
    await app.close();
  });
});

describe('SseBackplaneError', () => {
  it('says what to do, and whether the message may be there all the same', () => {
    const error = new SseBackplaneError('timeout', 'did not answer within 10 s', true);
    expect(error).toMatchObject({ code: 'SSE_BACKPLANE', reason: 'timeout', mayHaveBeenPlaced: true });
    expect(error.message).toBe(
      'The backplane did not answer within 10 s: see whether what it stands on is overloaded, and try again later; it may have taken effect all the same',
    );
    expect(new SseBackplaneError('overflow', 'is full', false).message).not.toContain('all the same');
  });
});
