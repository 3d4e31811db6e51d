/** A stream that a generator drives, and that ends when its client leaves: `npm run sample 01`. */
import { setTimeout } from 'node:timers/promises';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Pusher, SseModule, SsePusher, SseStream } from 'nestjs-event-stream';

@Controller()
class ClockController {
  @SseStream('clock')
  async *clock(@Pusher() { signal }: SsePusher) {
    while (!signal.aborted) {
      yield { event: 'tick', data: { at: new Date().toISOString() } };
      await setTimeout(1000, undefined, { signal });
    }
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [ClockController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
console.log(`curl -N ${await app.getUrl()}/clock`);
