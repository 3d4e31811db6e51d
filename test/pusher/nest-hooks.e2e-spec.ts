import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, type ExecutionContext, Logger, NotFoundException, SetMetadata } from '@nestjs/common';
import { Pusher, type SseCloseReason, SsePusher, SseStream, type SseStreamInfo } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, readRaw } from './support/raw-client.js';

type Told = [hook: string, stream: SseStreamInfo, reason?: SseCloseReason];

const told: Told[] = [];
const pushers: SsePusher[] = [];

@Controller('hooked')
class HookedController {
  @SetMetadata('tenant', 'acme')
  @SseStream('open')
  async open(@Pusher() pusher: SsePusher): Promise<void> {
    pushers.push(pusher);
    await pusher.push('one');
  }

  @SseStream('refused')
  async refused(@Pusher() _pusher: SsePusher): Promise<void> {
    throw new NotFoundException();
  }

  @SseStream('own', { onOpen: (stream) => told.push(['own onOpen', stream]) })
  *own() {
    yield 'one';
  }

  @SseStream('throwing', {
    onOpen() {
      throw new Error('from onOpen');
    },
    onClose() {
      throw new Error('from onClose');
    },
  })
  *throwing() {
    yield 'one';
  }
}

describe.each(PLATFORMS)('onOpen and onClose on %s', (platform) => {
  let server: TestApp;
  let log: jest.SpiedFunction<Logger['error']>;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [HookedController],
      sse: {
        retryMs: false,
        onOpen: (stream) => told.push(['onOpen', stream]),
        onClose: (stream, reason) => told.push(['onClose', stream, reason]),
      },
    });
  });

  beforeEach(() => {
    told.length = 0;
    pushers.length = 0;
    log = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    log.mockRestore();
  });

  afterAll(() => server.close());

  it('are told of a stream when it opens and when it is over', async () => {
    const stream = await openRaw(server.port, '/hooked/open?token=secret', { headers: { 'last-event-id': '4' } });
    await stream.untilText('one');
    expect(told.map(([hook]) => hook)).toEqual(['onOpen']);

    await pushers[0]!.close();
    expect(told.map(([hook, , reason]) => [hook, reason])).toEqual([
      ['onOpen', undefined],
      ['onClose', 'ended'],
    ]);
    expect(told[0]![1]).toBe(told[1]![1]);
    expect(told[0]![1]).toMatchObject({ route: 'HookedController.open', lastEventId: '4' });
    expect(told[0]![1].streamId).toBeGreaterThan(0);
  });

  it('get the context of the request, as guards see it', async () => {
    await (await openRaw(server.port, '/hooked/open', { headers: { 'x-user': 'ada' } })).untilText('one');
    const context = told[0]![1].executionContext as ExecutionContext;

    expect(context.getClass()).toBe(HookedController);
    expect(context.getHandler()).toBe(HookedController.prototype.open);
    expect(Reflect.getMetadata('tenant', context.getHandler())).toBe('acme');
    expect(context.getType()).toBe('http');
    expect(context.switchToHttp().getRequest().headers['x-user']).toBe('ada');
    expect(context.switchToHttp().getResponse()).toBe(context.getArgByIndex(1));
    expect(context.getArgs()[0]).toBe(context.switchToHttp().getRequest());
    await pushers[0]!.close();
  });

  it('number the streams one after the other', async () => {
    await readRaw(server.port, '/hooked/own');
    await readRaw(server.port, '/hooked/own');
    const [first, second] = told.filter(([hook]) => hook === 'own onOpen');

    expect(second![1].streamId).toBe(first![1].streamId + 1);
  });

  it('are not told of a request that got no stream', async () => {
    expect((await readRaw(server.port, '/hooked/refused')).status).toBe(404);

    expect(told).toEqual([]);
  });

  it("are replaced by the route's own, one by one", async () => {
    await readRaw(server.port, '/hooked/own');

    expect(told.map(([hook]) => hook)).toEqual(['own onOpen', 'onClose']);
  });

  it('do the stream no harm when they throw', async () => {
    const { status, text } = await readRaw(server.port, '/hooked/throwing');

    expect([status, text]).toEqual([200, 'data: one\n\n']);
    expect(log.mock.calls.map(([message]) => message)).toEqual([
      expect.stringMatching(/^Stream \d+ of HookedController\.throwing: onOpen failed: from onOpen$/),
      expect.stringMatching(/^Stream \d+ of HookedController\.throwing: onClose failed: from onClose$/),
    ]);
  });
});
