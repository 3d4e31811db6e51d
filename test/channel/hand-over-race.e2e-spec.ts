import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Controller, Query } from '@nestjs/common';
import { SseChannels, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { race } from './support/race.js';

/** `npm run test:soak` runs many more. */
const ROUNDS = Number(process.env.RACE_ROUNDS ?? 20);
const FIRST_ROUND = Number(process.env.RACE_SEED ?? 1);

jest.setTimeout(30_000 + ROUNDS * 10_000);

@Controller()
class RaceController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('race')
  follow(@Query('channels') names: string) {
    return this.channels.subscribe(names.split(','), { replay: 'all' });
  }
}

describe.each(PLATFORMS)('clients that connect, drop and come back while messages are published, on %s', (platform) => {
  let app: TestApp;
  let reconnects = 0;

  beforeAll(async () => {
    app = await startApp(platform, { controllers: [RaceController], sse: { retryMs: false } });
  });

  afterAll(() => app.close());

  it(`get every message once, in order, in ${ROUNDS} rounds`, async () => {
    const channels = app.app.get(SseChannels);
    const gaps: unknown[] = [];
    channels.events$.subscribe((event) => event.type === 'gap' && gaps.push(event));
    for (let round = FIRST_ROUND; round < FIRST_ROUND + ROUNDS; round++) {
      for (const [client, { got, expected, connections }] of (await race(app.port, channels, round)).entries()) {
        if (got.join() !== expected.join()) {
          expect({ round, client, got }).toEqual({ round, client, got: expected });
        }
        reconnects += connections - 1;
      }
    }
    expect(gaps).toEqual([]);
    expect(reconnects).toBeGreaterThan(ROUNDS * 100);
    await eventually(() => app.app.get(SseStreamRegistry).count === 0);
    expect(channels.localStats().every(({ subscribers }) => subscribers === 0)).toBe(true);
  });
});
