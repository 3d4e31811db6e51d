import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Inject, Injectable, type OnModuleDestroy, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { LastEventId, Pusher, SsePusher, SseStream } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from './support/platforms.js';
import { openRaw, readRaw } from './support/raw-client.js';

interface Visited {
  readonly headers: Record<string, string>;
}

@Injectable({ scope: Scope.REQUEST })
class CurrentUser {
  constructor(@Inject(REQUEST) private readonly request: Visited) {}

  get name(): string | undefined {
    return this.request.headers.user;
  }
}

@Injectable()
class Audience implements OnModuleDestroy {
  readonly controllers = new Set<object>();

  onModuleDestroy(): void {
    this.controllers.clear();
  }
}

/** Becomes request-scoped by what it depends on. */
@Controller('scoped')
class ScopedController {
  constructor(
    private readonly user: CurrentUser,
    private readonly audience: Audience,
  ) {
    audience.controllers.add(this);
  }

  @SseStream()
  async stream(@Pusher() pusher: SsePusher, @LastEventId() lastEventId?: string): Promise<void> {
    await pusher.push({ event: this.user.name, data: { controllers: this.audience.controllers.size, lastEventId } });
  }
}

@Controller({ path: 'declared', scope: Scope.REQUEST })
class DeclaredController {
  @Inject(REQUEST) private readonly request!: Visited;

  @SseStream()
  *stream() {
    yield `for ${this.request.headers.user}`;
  }
}

describe.each(PLATFORMS)('request-scoped controllers on %s', (platform) => {
  let server: TestApp;

  beforeAll(async () => {
    server = await startApp(platform, {
      controllers: [ScopedController, DeclaredController],
      providers: [CurrentUser, Audience],
      sse: { retryMs: false },
    });
  });

  afterAll(() => server.close());

  it('gives each of several streams its own controller', async () => {
    const ada = await openRaw(server.port, '/scoped', { headers: { user: 'ada' } });
    const bob = await openRaw(server.port, '/scoped', { headers: { user: 'bob', 'last-event-id': '4' } });

    expect(await ada.untilText('\n\n')).toBe('event: ada\ndata: {"controllers":1}\n\n');
    expect(await bob.untilText('\n\n')).toBe('event: bob\ndata: {"controllers":2,"lastEventId":"4"}\n\n');
    ada.leave();
    bob.leave();
  });

  it('streams from a controller that declares its scope', async () => {
    const { text } = await readRaw(server.port, '/declared', { headers: { user: 'ada' } });

    expect(text).toBe('data: for ada\n\n');
  });
});
