import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { Observable } from 'rxjs';
import { type SseItem, SsePusherFactory, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { eventually } from './support/eventually.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, readRaw } from './support/raw-client.js';

/** So often a source goes on if nobody stops it, so that a failing test ends nevertheless. */
const TOO_OFTEN = 100_000;

let rounds = 0;
let stopped = false;

@Controller()
class HostileController {
  constructor(private readonly pushers: SsePusherFactory) {}

  @SseStream('synchronous')
  synchronous(): Observable<string> {
    return new Observable((subscriber) => {
      for (rounds = 0; rounds < TOO_OFTEN && !subscriber.closed; rounds++) {
        subscriber.next('x'.repeat(1000));
      }
    });
  }

  @SseStream('nothing-good')
  *nothingGood(): Generator<SseItem> {
    for (rounds = 0; rounds < TOO_OFTEN && !stopped; rounds++) {
      yield 1 as never;
    }
  }

  @SseStream('teardown')
  teardown(): Observable<string> {
    return new Observable((subscriber) => {
      subscriber.next('one');
      return () => {
        throw new Error('from the teardown');
      };
    });
  }

  @Get('stop')
  stop(): string {
    stopped = true;
    return 'stopped';
  }

  /** The peer takes everything at once: at least as fast as any real one. */
  @Get('greedy')
  async greedy(@Req() request: any, @Res() response: any): Promise<void> {
    const raw = response.raw ?? response;
    const end = raw.end.bind(raw);
    raw.write = () => {
      process.nextTick(() => raw.emit('drain'));
      return raw.flush === undefined;
    };
    if (request.url.endsWith('?drains')) {
      raw.flush = () => {};
    }
    raw.end = () => end();
    const pusher = this.pushers.create(request, response);
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    for (rounds = 0; rounds < TOO_OFTEN && !turned; rounds++) {
      await pusher.push('x'.repeat(1000));
    }
    await pusher.close();
  }
}

describe.each(PLATFORMS)('a source that would take all for itself on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, { controllers: [HostileController], sse: { onError: () => undefined } });
  });

  afterAll(() => server.close());

  it('is unsubscribed from when it overflows within subscribe(), though it never pauses', async () => {
    await openRaw(server.port, '/synchronous').catch(() => {});
    expect(rounds).toBeLessThan(TOO_OFTEN);
    expect(server.app.get(SseStreamRegistry).closedCounts().get('stalled')).toBe(1);
  });

  it('lets others run while all it has are bad items', async () => {
    const stream = await openRaw(server.port, '/nothing-good');
    await readRaw(server.port, '/stop');
    await stream.untilEnd();
    expect(rounds).toBeLessThan(TOO_OFTEN);
  });

  it.each(['/greedy', '/greedy?drains'])('lets others run between two writes: %s', async (path) => {
    await readRaw(server.port, path);
    expect(rounds).toBeLessThan(TOO_OFTEN);
  });

  it('may throw when it is unsubscribed from', async () => {
    const registry = server.app.get(SseStreamRegistry);
    const before = registry.closedCounts().get('client') ?? 0;
    const stream = await openRaw(server.port, '/teardown');
    await stream.untilText('data: one');
    stream.leave();
    await eventually(() => registry.count === 0);
    await nextTurn();
    expect(registry.closedCounts().get('client')).toBe(before + 1);
  });
});
