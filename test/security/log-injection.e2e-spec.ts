import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Inject, type LoggerService, Param, Req, Res } from '@nestjs/common';
import { SseChannels, SsePusherFactory, SseStream } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';

const FORGED = 'x\r\n[Nest] 1 - ERROR forged';

/** Everything that is logged, as a person reads it. */
class Lines implements LoggerService {
  readonly texts: string[] = [];
  readonly debug = (text: unknown) => this.texts.push(String(text));
  readonly log = this.debug;
  readonly warn = this.debug;
  readonly error = this.debug;

  with(part: string): string[] {
    return this.texts.filter((text) => text.includes(part));
  }
}

async function* broken() {
  yield 'first';
  throw new Error('out of order');
}

@Controller()
class RoomsController {
  constructor(
    private readonly channels: SseChannels,
    @Inject(SsePusherFactory) private readonly pushers: SsePusherFactory,
  ) {}

  @Get('by-hand/:room')
  byHand(@Req() request: object, @Res() response: object): void {
    void this.pushers.create(request, response).pipe(broken(), { end: true });
  }

  @SseStream('decorated/:room')
  decorated(@Param('room') _room: string) {
    return broken();
  }

  @SseStream('filtered/:room')
  async filtered(@Param('room') room: string) {
    const subscription = this.channels.subscribe(room, {
      replay: 'all',
      filter: () => {
        throw new Error('no filter');
      },
    });
    await this.channels.publish(room, 'x');
    return subscription;
  }

  @Get('closed/:room')
  async closed(@Param('room') room: string): Promise<void> {
    await this.channels.close(room);
    void this.channels.publish(room, 'too late');
  }

  @Get('piped/:room')
  piped(@Param('room') room: string): void {
    void this.channels.channel(room).pipe(broken());
  }
}

describe.each(PLATFORMS)('what a client says on %s', (platform) => {
  const lines = new Lines();
  let app: TestApp;

  afterEach(() => app.close());

  it.each([
    ['by-hand', 'out of order'],
    ['decorated', 'out of order'],
    ['filtered', 'no filter'],
    ['closed', 'was closed'],
    ['piped', 'out of order'],
  ])('forges no line of the log, and its query is not logged: %s', async (route, part) => {
    lines.texts.length = 0;
    app = await startApp(platform, { controllers: [RoomsController], configure: (nest) => nest.useLogger(lines) });
    const stream = await openRaw(app.port, `/${route}/${encodeURIComponent(FORGED)}?token=s3cret`, {
      headers: { Authorization: 'Bearer s3cret' },
    });
    await eventually(() => lines.with(part).length > 0);
    stream.leave();
    expect(lines.texts.filter((text) => /[\r\n]/.test(text))).toEqual([]);
    expect(lines.with('s3cret')).toEqual([]);
  });
});
