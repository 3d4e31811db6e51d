import { type CanActivate, Controller, type ExecutionContext, NotFoundException, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { LOAD_PROBE } from '../../../lib/access/index.js';
import { SseChannels, type SseModuleOptions, SseStream } from '../../../lib/index.js';
import { deferred } from '../../pusher/support/deferred.js';
import { HandedOver } from '../../pusher/support/handed-over.js';
import { type Platform, startApp, type TestApp } from '../../pusher/support/platforms.js';

/** Stands for real authentication: the user is whoever the query says. */
class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    request.user = { id: request.query.user };
    return true;
  }
}

/** How much the process has to do, as the test says. */
class SteeredLoad {
  delayMs = 0;
  ratio = 0;

  eventLoopDelayMs(): number {
    return this.delayMs;
  }

  heapUsedRatio(): number {
    return this.ratio;
  }
}

export interface LimitedApp extends TestApp {
  /** The pushers of `GET /stream`. */
  readonly handedOver: HandedOver;
  readonly channels: SseChannels;
  /** Lets the handlers of `GET /held` go on, into a 404. */
  fail(): void;
  readonly load: SteeredLoad;
}

/**
 * An application whose streams belong to the user of the query: `/stream` hands its pusher to the test, `/held` keeps its
 * head until `fail()`, `/missing` is a 404 from its handler, `/feed` follows a channel, `/once` ends for good.
 */
export async function startLimited(
  platform: Platform | FastifyAdapter,
  limits: SseModuleOptions['limits'],
  {
    configure,
    controllers = [],
    ...sse
  }: SseModuleOptions & Pick<Parameters<typeof startApp>[1], 'configure' | 'controllers'> = {},
): Promise<LimitedApp> {
  const failing = deferred();
  const handedOver = new HandedOver();

  @Controller()
  class OtherController {
    constructor(private readonly channels: SseChannels) {}

    @SseStream('held', { openAfterMs: 'first-message' })
    async held(): Promise<string[]> {
      await failing.promise;
      throw new NotFoundException();
    }

    @SseStream('missing')
    missing(): string[] {
      throw new NotFoundException();
    }

    @SseStream('feed')
    feed() {
      return this.channels.subscribe('feed');
    }

    @SseStream('once', { onEnd: 'stop' })
    once(): string[] {
      return ['once'];
    }
  }

  const load = new SteeredLoad();
  const guard: Provider = { provide: APP_GUARD, useClass: UserGuard };
  const app = await startApp(platform, {
    controllers: [handedOver.controller, OtherController, ...controllers],
    providers: [guard],
    sse: { keys: ({ user }) => ({ user: user?.id }), retryMs: 50, shutdown: { spreadMs: 0 }, ...sse, limits: limits! },
    override: (testing) => testing.overrideProvider(LOAD_PROBE).useValue(load),
    ...(configure && { configure }),
  });
  return { ...app, handedOver, channels: app.app.get(SseChannels), fail: () => failing.resolve(), load };
}
