import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Controller, type INestApplication } from '@nestjs/common';
import {
  Pusher,
  SseInvalidMessageError,
  SseOptionsError,
  SsePusher,
  SseStream,
  type SseStreamFilter,
  SseStreamRegistry,
} from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';

const MANY = 250;

let held = deferred();
let reasons: unknown[] = [];

@Controller()
class PushedController {
  @SseStream('pushed', { closeMessage: { event: 'bye', data: 'now' } })
  pushed(@Pusher() pusher: SsePusher): void {
    pusher.signal.addEventListener('abort', () => reasons.push(pusher.signal.reason));
  }

  @SseStream('stopping', { onEnd: 'stop' })
  stopping(@Pusher() _pusher: SsePusher): void {}

  @SseStream('held')
  async held(): Promise<string[]> {
    await held.promise;
    return ['too late'];
  }
}

describe.each(PLATFORMS)('streams that an operator closes on %s', (platform) => {
  let app: TestApp;
  let registry: SseStreamRegistry;

  beforeEach(async () => {
    held = deferred();
    reasons = [];
    app = await startApp(platform, {
      controllers: [PushedController],
      sse: { retryMs: false, keys: ({ query }) => ({ user: query.user, tenant: query.tenant }) },
    });
    registry = (app.app as INestApplication).get(SseStreamRegistry);
  });

  afterEach(() => app.close());

  const open = (user: string, path = '/pushed'): Promise<RawStream> => openRaw(app.port, `${path}?user=${user}`);

  it('are those that match, and no others', async () => {
    const [first, second, other] = [await open('7'), await open('7'), await open('8')];
    expect(await registry.close({ keys: { user: 7 } })).toBe(2);
    expect(await Promise.all([first.untilEnd(), second.untilEnd()])).toEqual(
      Array(2).fill('event: bye\ndata: now\n\n'),
    );
    expect(other.ended).toBe(false);
    expect(registry.count).toBe(1);
    expect(reasons).toEqual(Array(2).fill({ reason: 'revoked' }));
    expect(registry.closedCounts()).toEqual(new Map([['revoked', 2]]));
    expect(registry.recentlyClosed().map(({ keys, reason }) => [keys, reason])).toEqual(
      Array(2).fill([{ user: '7' }, 'revoked']),
    );
    expect(await registry.close({ keys: { user: 7 } })).toBe(0);
    expect(await registry.close({ id: 3, route: 'PushedController.other' })).toBe(0);
    expect(await registry.close({ id: 3 }, { reason: 'replaced' })).toBe(1);
    await other.untilEnd();
    expect(registry.closedCounts().get('replaced')).toBe(1);
  });

  it('are told why, and when to come back', async () => {
    const stream = await open('7');
    await registry.close('all', { message: { event: 'signed-out', data: { by: 'admin' } }, retryMs: 1000 });
    const [, retry] = /^retry: (\d+)\n\nevent: signed-out\ndata: \{"by":"admin"\}\n\nevent: bye\n/.exec(
      await stream.untilEnd(),
    )!;
    expect(Number(retry)).toBeGreaterThanOrEqual(1000);
    expect(Number(retry)).toBeLessThanOrEqual(1500);
  });

  it("end for good when it is to be an end like the route's own", async () => {
    const stopping = await open('7', '/stopping');
    await registry.close({ id: 1 }, { reason: 'ended' });
    expect(await stopping.untilEnd()).toBe('id: ~end\n\n');
  });

  it('may still have been pending', async () => {
    const opening = open('7', '/held');
    await eventually(() => registry.list().length === 1);
    expect(await registry.close({ route: 'PushedController.held' }, { message: 'no more' })).toBe(1);
    expect(await (await opening).untilEnd()).toBe('data: no more\n\n');
    held.resolve();
  });

  it.each<[string, unknown]>([
    ['says nothing', {}],
    ['has become nothing', { id: undefined, route: undefined, keys: {} }],
    ['has a key that has become nothing', { keys: { user: undefined } }],
    ['is misspelt', { key: { user: '7' } }],
    ['is no object', 'everything'],
    ['is absent', undefined],
  ])('are none for a filter that %s', async (_, filter) => {
    await open('7');
    await expect(registry.close(filter as SseStreamFilter)).rejects.toBeInstanceOf(SseOptionsError);
    expect(registry.count).toBe(1);
  });

  it('are none for options and messages that cannot be used', async () => {
    await open('7');
    for (const options of [{ reason: 'client' }, { retryMs: -1 }, { why: 'x' }]) {
      await expect(registry.close('all', options as never)).rejects.toBeInstanceOf(SseOptionsError);
    }
    await expect(registry.close('all', { message: { event: 'a\nb' } })).rejects.toBeInstanceOf(SseInvalidMessageError);
    expect(registry.count).toBe(1);
  });

  it('are closed in slices when they are many, without those that come meanwhile', async () => {
    const streams = await Promise.all(Array.from({ length: MANY }, () => open('7')));
    const closing = registry.close({ keys: { user: 7 } });
    expect(registry.count).toBe(MANY - 100);
    const late = await open('7');
    expect(await closing).toBe(MANY);
    await Promise.all(streams.map((stream) => stream.untilEnd()));
    expect(registry.list().map(({ state }) => state)).toEqual(['open']);
    late.leave();
  });

  it('are not counted when they have left before their turn came', async () => {
    const streams = await Promise.all(Array.from({ length: 101 }, () => open('7')));
    const [newest] = registry.list({ limit: 1000 }).slice(-1);
    const closing = registry.close({ keys: { user: 7 } });
    await registry.close({ id: newest!.id });
    expect(await closing).toBe(100);
    await Promise.all(streams.map((stream) => stream.untilEnd()));
  });
});
