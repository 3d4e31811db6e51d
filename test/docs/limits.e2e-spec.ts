import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CanActivate, Controller, type ExecutionContext } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { NEVER } from 'rxjs';
import { LOAD_PROBE, type LoadProbe } from '../../lib/access/index.js';
import { SseStream } from '../../lib/index.js';
import { PLATFORMS, startBareApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { LimitsModule } from './examples/limits.module.js';
import { networkOf } from './examples/network-of.js';

@Controller()
class StreamController {
  @SseStream('stream')
  stream() {
    return NEVER;
  }
}

/** Whatever else the machine does while this runs. */
const IDLE: LoadProbe = { eventLoopDelayMs: () => 0, heapUsedRatio: () => 0 };

class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest();
    request.user = request.query.user && { id: request.query.user };
    return true;
  }
}

describe.each(PLATFORMS)('the limits of the docs on %s', (platform) => {
  let app: TestApp;

  beforeEach(async () => {
    const providers = [{ provide: APP_GUARD, useClass: UserGuard }];
    app = await startBareApp(platform, {
      imports: [LimitsModule],
      controllers: [StreamController],
      providers,
      override: (testing) => testing.overrideProvider(LOAD_PROBE).useValue(IDLE),
    });
  });

  afterEach(() => app.close());

  it('give a user five streams, and an address a hundred', async () => {
    const streams = [];
    for (let n = 0; n < 6; n++) {
      streams.push(await openRaw(app.port, '/stream?user=ann'));
    }
    expect(await streams[0]!.untilEnd()).toContain('event: replaced\ndata: {"per":"user","max":5}\n\n');
    expect(streams.map(({ ended }) => ended)).toEqual([true, false, false, false, false, false]);
    for (let n = 5; n < 100; n++) {
      streams.push(await openRaw(app.port, '/stream'));
    }
    expect((await readRaw(app.port, '/stream')).status).toBe(429);
  });
});

describe('networkOf', () => {
  it.each([
    ['203.0.113.1', '203.0.113.1'],
    ['::ffff:203.0.113.1', '203.0.113.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:8000::', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['no address', 'no address'],
  ])('of %s is %s', (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });
});
