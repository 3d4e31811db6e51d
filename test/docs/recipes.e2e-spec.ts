import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ClassSerializerInterceptor, Controller, Logger, Sse } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { instanceToPlain } from 'class-transformer';
import { type Observable, of } from 'rxjs';
import { SseBackplaneError, SseChannels, type SseModuleOptions, SseStream } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { PLATFORMS, startApp, startBareApp, type TestApp, type TestAppParts } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';
import { ask } from './examples/ask.js';
import { CompletionsController, MODEL, type Model } from './examples/completions.controller.js';
import { DashboardController } from './examples/dashboard.controller.js';
import { Jobs, JobsModule } from './examples/jobs.module.js';
import { Notifications, NotificationsModule } from './examples/notifications.module.js';
import { announce, Database, OutboxRelay } from './examples/outbox.js';
import { Profile, ProfilesController, ProfilesModule } from './examples/profiles.module.js';
import { lastIdIn, messagesIn } from './support/messages-in.js';
import { OutboxTable } from './support/outbox-table.js';

/** @param seen has what has come before a failure, too */
async function collect(source: AsyncIterable<string>, seen: string[] = []): Promise<string[]> {
  for await (const text of source) seen.push(text);
  return seen;
}

describe.each(PLATFORMS)('recipes on %s', (platform) => {
  let app: TestApp;

  afterEach(() => app.close());

  async function start(parts: TestAppParts, sse: SseModuleOptions = {}): Promise<void> {
    app = await startApp(platform, { ...parts, sse });
  }

  function open(path: string, headers: Record<string, string> = {}): Promise<RawStream> {
    return openRaw(app.port, path, { headers });
  }

  describe('excluded fields', () => {
    const profile = new Profile('Ann', 'hash', 'ann@example.com');
    const leaky = { event: 'changed', data: profile };

    @Controller()
    class LeakyController {
      constructor(private readonly channels: SseChannels) {}

      @Sse('nest')
      nest(): Observable<{ data: Profile }> {
        return of({ data: profile });
      }

      @SseStream('observable')
      observable(): Observable<{ data: Profile }> {
        return of(leaky);
      }

      @SseStream('channel')
      channel() {
        return this.channels.subscribe('leaky', { replay: 'all' });
      }
    }

    const parts = {
      controllers: [LeakyController],
      providers: [{ provide: APP_INTERCEPTOR, useClass: ClassSerializerInterceptor }],
    };

    it("reach nobody with Nest's @Sse() and its interceptor, which never sees the messages of @SseStream()", async () => {
      await start(parts);
      await app.app.get(SseChannels).publish('leaky', leaky);
      const seen = async (path: string) => (await open(path)).untilText('data: ').then((text) => text.includes('hash'));
      expect([await seen('/nest'), await seen('/observable'), await seen('/channel')]).toEqual([false, true, true]);
    });

    it('reach nobody when serialize leaves them out, of channels and of other streams', async () => {
      await start(parts, { serialize: (data) => JSON.stringify(instanceToPlain(data)) });
      await app.app.get(SseChannels).publish('leaky', leaky);
      for (const path of ['/observable', '/channel']) {
        expect(messagesIn(await (await open(path)).untilText('data: '))).toEqual(['changed: {"name":"Ann"}']);
      }
    });

    it('reach those whom they are for, on a channel of their own', async () => {
      app = await startBareApp(platform, { imports: [ProfilesModule] });
      const streams = await Promise.all([open('/profiles/1'), open('/profiles/1/support')]);
      await Promise.all(streams.map((stream) => stream.untilText('id: ')));
      await app.app.get(ProfilesController).changed('1', profile);
      const [everybody, support] = await Promise.all(streams.map((stream) => stream.untilText('data: ')));
      expect(messagesIn(everybody!)).toEqual(['changed: {"name":"Ann"}']);
      expect(messagesIn(support!)).toEqual(['changed: {"name":"Ann","email":"ann@example.com"}']);
    });
  });

  describe('tokens of a model', () => {
    async function serve(answer: Model['answer']): Promise<string> {
      const model: Model = { answer };
      await start({ controllers: [CompletionsController], providers: [{ provide: MODEL, useValue: model }] });
      return `http://127.0.0.1:${app.port}/completions`;
    }

    it('come as they are, white space and all, and the end is told', async () => {
      const url = await serve(async function* (prompt) {
        yield* [prompt, ' ', '\r\n', 'yes'];
      });
      const tokens = await collect(ask(url, 'Really?', new AbortController().signal));
      expect(tokens).toEqual(['Really?', ' ', '\r\n', 'yes']);
    });

    it('are paid for no longer when the reader has left', async () => {
      const left = deferred<void>();
      const url = await serve(async function* (_prompt, signal) {
        signal.addEventListener('abort', () => left.resolve());
        yield 'one';
        await left.promise;
      });
      for await (const token of ask(url, '', new AbortController().signal)) {
        expect(token).toBe('one');
        break;
      }
      await left.promise;
    });

    it('that stop in the middle are an error for the reader, and a model that refuses is a status', async () => {
      const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
      const url = await serve(async function* (prompt) {
        if (prompt === 'refuse') throw new Error('refused');
        yield 'one';
        throw new Error('secret reason');
      });
      const { signal } = new AbortController();
      const seen: string[] = [];
      await expect(collect(ask(url, '', signal), seen)).rejects.toThrow('The model broke off.');
      expect(seen).toEqual(['one']);
      await expect(collect(ask(url, 'refuse', signal))).rejects.toThrow('Refused with 500');
      logged.mockRestore();
    });
  });

  describe('progress of a job', () => {
    it('is told from where it stands, ends with the result, and whoever comes late gets the result', async () => {
      app = await startBareApp(platform, { imports: [JobsModule] });
      const jobs = app.app.get(Jobs);
      const half = deferred<void>();
      const running = jobs.run(
        '7',
        (async function* () {
          yield* [10, 50];
          await half.promise;
          yield 100;
        })(),
      );
      const first = await open('/jobs/7');
      await first.untilText('{"done":50}');
      const second = await open('/jobs/7');
      await second.untilText('{"done":50}');
      half.resolve();
      await running;
      expect(messagesIn(await second.untilEnd())).toEqual([
        'progress: {"done":50}',
        'progress: {"done":100}',
        'finished: {"file":"/files/7"}',
      ]);
      await first.untilEnd();
      const late = await open('/jobs/7');
      expect(messagesIn(await late.untilEnd())).toEqual(['finished: {"file":"/files/7"}']);
      expect((await open('/jobs/7', { 'Last-Event-ID': lastIdIn(late.text) })).status).toBe(204);
      expect((await open('/jobs/8')).status).toBe(404);
    });

    it('that breaks ends with that, and not with why', async () => {
      app = await startBareApp(platform, { imports: [JobsModule] });
      await app.app.get(Jobs).run(
        '7',
        (async function* () {
          yield 10;
          throw new Error('secret');
        })(),
      );
      expect(messagesIn(await (await open('/jobs/7')).untilEnd())).toEqual(['failed: {"why":"Something broke."}']);
    });
  });

  describe('notifications', () => {
    it('reach every tab of their user, and the one that was away', async () => {
      await start({ imports: [NotificationsModule] });
      const notifications = app.app.get(Notifications);
      const notice = (text: string) => ({ text, link: '/' });
      await notifications.notify('ann', notice('before'));
      const [tab, other, bob] = await Promise.all(
        ['ann', 'ann', 'bob'].map((user) => open('/notifications', { Cookie: `session=${user}` })),
      );
      await Promise.all([tab!.untilText('before'), other!.untilText('before'), bob!.untilText('id: ')]);
      other!.leave();
      await notifications.notify('bob', notice('for bob'));
      await notifications.notify('ann', notice('while away'));
      const back = await open('/notifications', { Cookie: 'session=ann', 'Last-Event-ID': lastIdIn(other!.text) });
      expect(messagesIn(await back.untilText('while away"'))).toEqual(['notice: {"text":"while away","link":"/"}']);
      await Promise.all([tab!.untilText('while away'), bob!.untilText('for bob')]);
      expect(tab!.text).not.toContain('for bob');
      expect(bob!.text).not.toMatch(/before|while away/);
      expect((await open('/notifications')).status).toBe(403);
    });
  });

  describe('a live dashboard', () => {
    it('begins with all tiles, and gives who was away the newest of each', async () => {
      await start({ controllers: [DashboardController] });
      const dashboard = app.app.get(DashboardController);
      await dashboard.show('orders', 1);
      const stream = await open('/dashboard');
      await stream.untilText('event: tiles');
      await dashboard.show('load', 0.1);
      await stream.untilText('"load"');
      expect(messagesIn(stream.text)).toEqual(['tiles: {"orders":1}', 'tile: {"tile":"load","value":0.1}']);
      stream.leave();
      for (const value of [2, 3, 4]) await dashboard.show('orders', value);
      await dashboard.show('load', 0.2);
      const back = await open('/dashboard', { 'Last-Event-ID': lastIdIn(stream.text) });
      await back.untilText('0.2');
      expect(messagesIn(back.text)).toEqual(['tile: {"tile":"orders","value":4}', 'tile: {"tile":"load","value":0.2}']);
    });
  });
});

describe('an outbox', () => {
  const table = new OutboxTable();
  let app: TestApp;

  afterEach(() => app.close());

  async function start(): Promise<{ relay: OutboxRelay; channels: SseChannels; told: () => Promise<string[]> }> {
    app = await startApp('express', {
      providers: [OutboxRelay, { provide: Database, useValue: table }],
    });
    const channels = app.app.get(SseChannels);
    const relay = app.app.get(OutboxRelay);
    const told = async () => {
      const texts: string[] = [];
      await channels.publish('orders', 'end');
      for await (const { data } of channels.subscribe('orders', { replay: 'all' })) {
        if (data === 'end') break;
        texts.push(data);
      }
      return texts;
    };
    return { relay, channels, told };
  }

  const order = (n: number) => announce(table, 'orders', 'paid', { n });

  it('publishes what was committed, in order, and nothing that was rolled back', async () => {
    const { relay, told } = await start();
    await table.transaction(() => order(1));
    const failed = table.transaction(async () => {
      await order(2);
      throw new Error('no money');
    });
    await expect(failed).rejects.toThrow('no money');
    await table.transaction(() => order(3));
    expect([await relay.run(), await relay.run()]).toEqual([2, 0]);
    expect(await told()).toEqual(['{"n":1,"outboxId":1}', '{"n":3,"outboxId":3}']);
  });

  it('publishes again, under the same id, what it does not know to be published', async () => {
    const { relay, told } = await start();
    await table.transaction(() => order(4));
    table.failNextCommit = true;
    await expect(relay.run()).rejects.toThrow('connection lost at commit');
    expect(await relay.run()).toBe(1);
    expect(await told()).toEqual(['{"n":4,"outboxId":4}', '{"n":4,"outboxId":4}']);
  });

  it('keeps the order while the backplane is away, and is not held up by what can never be published', async () => {
    const { relay, channels, told } = await start();
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
    await table.transaction(() => announce(table, 'orders', 'line\nbreak', {}));
    await table.transaction(() => order(6));
    await table.transaction(() => order(7));
    const away = jest.spyOn(channels, 'publish').mockRejectedValueOnce(new SseBackplaneError('unreachable', '', false));
    expect(await relay.run()).toBe(0);
    away.mockRestore();
    expect(await relay.run()).toBe(3);
    expect(await told()).toEqual(['{"n":6,"outboxId":6}', '{"n":7,"outboxId":7}']);
    expect(logged).toHaveBeenCalledTimes(2);
    logged.mockRestore();
  });
});
