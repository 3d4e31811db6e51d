/** Two instances over one Redis, at REDIS_URL or redis://127.0.0.1:6379: `npm run sample 05`. */
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';
import { redisBackplane } from 'nestjs-event-stream/redis';

const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';

@Controller('notices')
class NoticesController {
  constructor(private readonly channels: SseChannels) {}

  @SseStream()
  follow() {
    return this.channels.subscribe('notices', { replay: 20 });
  }

  @Post()
  async post(@Body('text') text: string) {
    return { id: await this.channels.publish('notices', { event: 'notice', data: { text } }) };
  }
}

@Module({
  imports: [
    SseModule.forRootAsync({ useFactory: () => ({ backplane: redisBackplane({ url, prefix: 'sample-05' }) }) }),
  ],
  controllers: [NoticesController],
})
class AppModule {}

async function start(port: number): Promise<string> {
  const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  await app.listen(port, '127.0.0.1');
  return app.getUrl();
}

const port = Number(process.env['PORT'] ?? 3000);
// They would be two processes; here they are two applications in one.
const [one, other] = [await start(port), await start(port && port + 1)];
console.log(`curl -N ${one}/notices`);
console.log(`curl ${other}/notices -H 'Content-Type: application/json' -d '{"text":"hello"}'`);
