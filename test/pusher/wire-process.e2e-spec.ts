import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompiledApps } from './support/compiled-app.js';
import { PLATFORMS, type Platform } from './support/platforms.js';
import { openRaw } from './support/raw-client.js';
import { RawSocket } from './support/raw-socket.js';

/** An application that closes when it is told to, and after that has to end by itself. */
const program = (platform: Platform, handlers: string) => `
  import 'reflect-metadata';
  import { Controller, Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { FastifyAdapter } from '@nestjs/platform-fastify';
  import { NEVER, startWith } from 'rxjs';
  import { Pusher, SseModule, SsePusher, SseStream } from './lib/index.js';

  @Controller()
  class AppController {
    ${handlers}
  }

  @Module({ imports: [SseModule.forRoot({ retryMs: false, shutdown: { deadlineMs: 200 } })], controllers: [AppController] })
  class AppModule {}

  const app = await NestFactory.create(AppModule${platform === 'fastify' ? ', new FastifyAdapter()' : ''});
  await app.listen(0, '127.0.0.1');
  process.stdout.write(new URL(await app.getUrl()).port + '\\n');
  process.once('SIGUSR2', () => app.close());
`;

let apps: CompiledApps;

beforeAll(async () => {
  apps = await CompiledApps.build();
}, 30_000);

afterAll(() => apps.remove());

describe.each(PLATFORMS)('a process that streams on %s', (platform) => {
  it('exits by itself after app.close(), with streams open and one of them not read', async () => {
    const app = await apps.start(
      `exits-${platform}`,
      program(
        platform,
        `
        @SseStream('observable') observable() { return NEVER.pipe(startWith('hello')); }
        @SseStream('generator') async *generator() { yield 'hello'; await new Promise(() => {}); }
        @SseStream('pusher') pusher(@Pusher() pusher: SsePusher) { void pusher.push('hello'); }
        @SseStream('flood') async *flood() { for (;;) yield 'x'.repeat(50_000); }
        `,
      ),
    );
    const streams = await Promise.all(['/observable', '/generator', '/pusher'].map((path) => openRaw(app.port, path)));
    await Promise.all(streams.map((stream) => stream.untilText('data: hello\n\n')));
    const unread = (await RawSocket.connect(app.port)).get('/flood');
    await unread.untilText('data: x');
    unread.pause();
    app.signal('SIGUSR2');
    for (const stream of streams) {
      expect(await stream.untilEnd()).toMatch(/^data: hello\n\nretry: \d+\n\n$/);
    }
    expect(await app.untilExit()).toBe(0);
    unread.leave();
  }, 30_000);

  it('survives pushes that nobody awaits, and says what became of them', async () => {
    const app = await apps.start(
      `survives-${platform}`,
      program(
        platform,
        `
        @SseStream('careless')
        careless(@Pusher() pusher: SsePusher) {
          pusher.push({ id: 'in\\njected', data: 1 });
          pusher.push({ data: 10n });
          pusher.comment(undefined as any);
          pusher.push('x'.repeat(2_000_000));
          pusher.pipe(42 as any);
          pusher.push('fine');
          pusher.signal.addEventListener('abort', () => {
            pusher.push('too late');
            pusher.push({ id: 'in\\njected' });
            pusher.close();
            console.log('left');
          });
        }
        `,
      ),
    );
    const stream = await openRaw(app.port, '/careless');
    expect(await stream.untilText('fine')).toBe('data: fine\n\n');
    await app.untilOutput(/Cannot stream a value of type number/);
    stream.leave();
    await app.untilOutput(/^left$/m);
    expect(app.output.match(/nobody awaited it/g)).toHaveLength(5);
    expect(app.output).toMatch(/Stream 1 of AppController\.careless: .*\bid\b/);
    expect(app.output).toMatch(/maxBufferedBytes/);

    const again = await openRaw(app.port, '/careless');
    await again.untilText('fine');
    app.signal('SIGUSR2');
    await again.untilEnd();
    expect(await app.untilExit()).toBe(0);
  }, 30_000);
});
