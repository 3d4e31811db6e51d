import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Controller, Get, Header, type Type, UnauthorizedException } from '@nestjs/common';
import { EventSource } from 'eventsource';
import { bufferingProbe, isSseError, SseOptionsError, type SseSource, SseStream } from 'nestjs-event-stream';
import { detectBuffering, SseProbeError } from 'nestjs-event-stream/protocol';
import { BufferingController } from '../docs/examples/buffering.controller.js';
import { checkWay } from '../docs/examples/check-way.js';
import { PLATFORMS, startApp, type TestApp } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { canRunNginx, Nginx } from '../receiver/support/nginx.js';

/** No test waits for so long: what is decided, is decided without it. */
const FOR_EVER_MS = 600_000;

@Controller()
class ProbeController {
  @SseStream('patient', { onEnd: 'stop' })
  patient(): SseSource {
    return bufferingProbe({ holdMs: FOR_EVER_MS });
  }

  @SseStream('quick', { onEnd: 'stop', retryMs: 50 })
  quick(): SseSource {
    return bufferingProbe({ holdMs: 20 });
  }

  @SseStream('other')
  *other(): Generator<string> {
    yield 'no probe';
  }

  @SseStream('short')
  *short(): Generator<{ event: string; data: string }> {
    yield { event: 'probe-first', data: '' };
  }

  @Get('page')
  @Header('Content-Type', 'text/html')
  page(): string {
    return '<p>Hello</p>';
  }
}

/** Where the page has its probe, and as soon over as a test can wait for. */
@Controller('health')
class QuickController {
  @SseStream('buffering', { onEnd: 'stop' })
  buffering(): SseSource {
    return bufferingProbe({ holdMs: 20 });
  }
}

const describeWithNginx = canRunNginx() ? describe : describe.skip;

describe.each(PLATFORMS)('a buffering probe on %s', (platform) => {
  let app: TestApp;
  let origin: string;

  afterEach(() => app.close());

  async function start(configure?: (nest: TestApp['app']) => unknown): Promise<void> {
    app = await startApp(platform, { controllers: [ProbeController], ...(configure && { configure }) });
    origin = `http://127.0.0.1:${app.port}`;
  }

  it('finds that nothing buffers, without waiting for the second event', async () => {
    await start();
    expect(await detectBuffering(`${origin}/patient`)).toBe('streaming');
  });

  it('is let go by who has found out', async () => {
    await start();
    await detectBuffering(new URL(`${origin}/patient`));
    // The application would not close if the probe still held the stream.
    await app.close();
  });

  it('sends its two events to anybody, apart', async () => {
    await start();
    const stream = await openRaw(app.port, '/patient');
    await stream.untilText('event: probe-first\ndata: sent at once: ');
    // The request and the answer of another one have come and gone.
    await readRaw(app.port, '/page');
    expect(stream.text).not.toContain('probe-last');
    stream.leave();
  });

  it('can be read with curl', async () => {
    await start();
    const curl = spawn('curl', ['-sN', `${origin}/quick`]);
    let output = '';
    curl.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    await once(curl, 'close');
    expect(output).toMatch(
      /event: probe-first\ndata: .*\n\nevent: probe-last\ndata: sent 20 ms after .*\n\nid: ~end\n\n$/,
    );
  });

  it('is not asked for again by EventSource', async () => {
    await start();
    const source = new EventSource(`${origin}/quick`);
    const events: string[] = [];
    for (const name of ['probe-first', 'probe-last']) source.addEventListener(name, () => events.push(name));
    await new Promise<void>((resolve) => {
      source.addEventListener('error', () => source.readyState === EventSource.CLOSED && resolve());
    });
    expect(events).toEqual(['probe-first', 'probe-last']);
  });

  it.each([
    ['/page', /answered 200 with text\/html/],
    ['/nowhere', /answered 404 with application\/json/],
    ['/other', /had an event 'message' where 'probe-first' was to come/],
  ])('is missed at %s', async (path, message) => {
    await start();
    const error = await detectBuffering(origin + path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SseProbeError);
    expect([isSseError(error), (error as SseProbeError).message]).toEqual([true, expect.stringMatching(message)]);
  });

  it('passes on headers, and gives up when it is told to', async () => {
    const seen: unknown[] = [];
    await start((nest) =>
      nest.useGlobalGuards({
        canActivate(context) {
          const { method, headers } = context.switchToHttp().getRequest();
          seen.push([method, headers.authorization, headers.accept]);
          if (headers.authorization !== 'Bearer me') throw new UnauthorizedException();
          return true;
        },
      }),
    );
    await expect(detectBuffering(`${origin}/patient`)).rejects.toThrow(/answered 401/);
    seen.length = 0;
    const headers = { Authorization: 'Bearer me' };
    expect(await detectBuffering(`${origin}/patient`, { headers })).toBe('streaming');
    expect(seen).toEqual([
      ['GET', 'Bearer me', 'text/event-stream'],
      ['HEAD', 'Bearer me', 'text/event-stream'],
    ]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(detectBuffering(`${origin}/patient`, { headers, signal })).rejects.toThrow('enough');
  });
});

describeWithNginx.each(PLATFORMS)('a buffering probe behind nginx, on %s', (platform) => {
  let app: TestApp;
  let nginx: Nginx;

  afterEach(async () => {
    await nginx.remove();
    await app.close();
  });

  async function start(directives: string, controller: Type = ProbeController): Promise<void> {
    app = await startApp(platform, { controllers: [controller] });
    nginx = await Nginx.start(`location / { proxy_pass http://127.0.0.1:${app.port}; ${directives} }`);
  }

  it.each([
    ['as nginx is by default', ''],
    ['with buffering off', 'proxy_buffering off; proxy_ignore_headers X-Accel-Buffering;'],
  ])('finds that nothing buffers, %s', async (_how, directives) => {
    await start(directives);
    expect(await detectBuffering(`${nginx.origin}/patient`)).toBe('streaming');
  });

  it.each([
    ['buffering on', ''],
    ['buffering on, and gzip', 'gzip on; gzip_types text/event-stream; gzip_min_length 1;'],
  ])('finds out about %s', async (_what, directives) => {
    await start(`proxy_ignore_headers X-Accel-Buffering; ${directives}`);
    expect(await detectBuffering(`${nginx.origin}/quick`)).toBe('buffered');
  });

  it('passes the check of the page, as the page has it', async () => {
    await start('', BufferingController);
    await checkWay(nginx.origin);
  });

  it('fails the check of the page where something buffers', async () => {
    await start('proxy_ignore_headers X-Accel-Buffering;', QuickController);
    await expect(checkWay(nginx.origin)).rejects.toThrow(`between here and ${nginx.origin} holds events back`);
  });
});

describe('bufferingProbe', () => {
  it.each([0, -1, Number.NaN, 2 ** 31, '5000'])('refuses to hold for %p ms', (holdMs) => {
    expect(() => bufferingProbe({ holdMs: holdMs as number })).toThrow(SseOptionsError);
  });
});
