import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type CanActivate, Controller } from '@nestjs/common';
import { Pusher, SseAdminModule, SseChannels, SsePusher, SseStream, SseStreamRegistry } from '../../lib/index.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';

const everybody: CanActivate = { canActivate: () => true };
let handed: SsePusher[] = [];

const MANY_CHANNELS = Array.from({ length: 1000 }, (_, number) => `${'channel '.repeat(12)}${number}`);

@Controller()
class PushedController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream('many')
  many() {
    return this.channels.subscribe(MANY_CHANNELS);
  }

  @SseStream('pushed')
  pushed(@Pusher() pusher: SsePusher): void {
    handed.push(pusher);
  }
}

/** The data of the events of a name. */
function eventsOf({ text }: RawStream, name: string): any[] {
  return [...text.matchAll(new RegExp(`^event: ${name}\\ndata: (.*)\\n`, 'gm'))].map(([, data]) => JSON.parse(data!));
}

describe.each(PLATFORMS)('the live view of streams on %s', (platform) => {
  let app: TestApp;

  beforeEach(async () => {
    handed = [];
    app = await startApp(platform, {
      controllers: [PushedController],
      imports: [SseAdminModule.forRoot({ guards: [everybody] })],
      // Nothing else that would need a timer.
      sse: { retryMs: false, pingMs: 0, writeTimeoutMs: 0, keys: ({ query }) => ({ user: query.user }) },
    });
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
  });

  afterEach(async () => {
    jest.useRealTimers();
    await app.close();
  });

  async function look(query = ''): Promise<RawStream> {
    const view = await openRaw(app.port, `/admin/sse/live${query}`);
    await view.untilText('event: summary');
    await timersAre(2);
    return view;
  }

  /**
   * Each view waits for the next tick when it has said all; then there is one timer, however many they are, beside that of the
   * clock by which guards are asked again.
   */
  function timersAre(count: number): Promise<void> {
    return turnsUntil(() => jest.getTimerCount() === count);
  }

  async function tick(): Promise<void> {
    jest.advanceTimersByTime(1000);
    await timersAre(2);
  }

  it('shows streams that follow very many channels, whose rows together are more than a message may have', async () => {
    const streams = await Promise.all(Array.from({ length: 12 }, () => openRaw(app.port, '/many')));
    const view = await look();
    const shown = eventsOf(view, 'streams').flatMap((message) => message.streams);
    expect(shown.map(({ channels }) => channels.length)).toEqual(Array.from({ length: 12 }, () => 1000));
    for (const stream of [view, ...streams]) {
      stream.leave();
    }
  });

  it('begins with what is there, and goes on with what changes', async () => {
    const stream = await openRaw(app.port, '/pushed?user=7');
    const view = await look();
    expect(eventsOf(view, 'begin')).toEqual([{ now: expect.any(Number), limit: 200 }]);
    const [{ now, streams }] = eventsOf(view, 'streams');
    expect(now).toEqual(expect.any(Number));
    expect(streams).toEqual([
      expect.objectContaining({ id: 1, route: 'PushedController.pushed', keys: { user: '7' }, state: 'open' }),
    ]);
    expect(streams[0]).not.toHaveProperty('ageMs');

    await handed[0]!.push('x'.repeat(500));
    await stream.untilText('\n\n');
    await tick();
    await view.until(() => eventsOf(view, 'streams').length === 2);
    expect(eventsOf(view, 'streams')[1].streams[0].sentBytes).toBeGreaterThan(streams[0].sentBytes + 500);

    await handed[0]!.close();
    await tick();
    await view.untilText('event: gone');
    expect(eventsOf(view, 'gone')).toEqual([{ ids: [1] }]);
    await view.until(() => eventsOf(view, 'summary').length > 1);
    expect(eventsOf(view, 'summary').at(-1)).toMatchObject({ closed: { ended: 1 } });
  });

  it('says nothing while nothing changes, for it does not list itself, nor other views', async () => {
    await openRaw(app.port, '/pushed');
    const [one, other] = [await look(), await look()];
    await tick();
    await one.until(() => eventsOf(one, 'summary').length === 2);
    const before = [one.text, other.text];
    for (let n = 0; n < 5; n++) await tick();
    // What was said would have come before this.
    void handed[0]!.push('x');
    await tick();
    await Promise.all([one, other].map((view) => view.until(() => eventsOf(view, 'streams').length === 2)));
    const after = [one.text, other.text].map((text, index) => text.slice(before[index]!.length));
    expect(after.map((text) => text.match(/^event: .*$/gm))).toEqual([['event: streams'], ['event: streams']]);
    expect(eventsOf(one, 'summary').at(-1)).toMatchObject({ byRoute: { 'SseAdminController.live': 2 } });
  });

  it('shows what the query asks for', async () => {
    await openRaw(app.port, '/pushed?user=7');
    await openRaw(app.port, '/pushed?user=8');
    const view = await look('?key.user=8');
    expect(eventsOf(view, 'streams').flatMap(({ streams }) => streams)).toEqual([expect.objectContaining({ id: 2 })]);
  });

  it('gives many streams in messages that are not too large', async () => {
    for (let n = 0; n < 120; n++) await openRaw(app.port, '/pushed');
    const view = await look();
    expect(eventsOf(view, 'streams').map(({ streams }) => streams.length)).toEqual([50, 50, 20]);
  });

  it('leaves no timer behind when the last one has looked away', async () => {
    const [one, other] = [await look(), await look()];
    one.leave();
    await streamsAre(1);
    expect(jest.getTimerCount()).toBe(2);
    other.leave();
    await streamsAre(0);
    await timersAre(0);
  });

  it('ends with the application', async () => {
    const view = await look();
    jest.useRealTimers();
    await app.close();
    await view.untilEnd();
  });

  function streamsAre(count: number): Promise<void> {
    return turnsUntil(() => app.app.get(SseStreamRegistry).count === count);
  }
});

/** For what the clock of `eventually()` stands still. */
async function turnsUntil(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    if (turns > 100_000) throw new Error(`Not after ${turns} turns: ${condition}`);
    await new Promise(setImmediate);
  }
}
