/** A notice board: everybody gets each notice, and who comes back what was missed. `npm run sample 03` */
import { Body, Controller, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseChannels, SseModule, SseStream } from 'nestjs-event-stream';

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

@Module({ imports: [SseModule.forRoot()], controllers: [NoticesController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['warn', 'error'] });
app.enableShutdownHooks();
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
const url = `${await app.getUrl()}/notices`;
console.log(`curl -N ${url}`);
console.log(`curl ${url} -H 'Content-Type: application/json' -d '{"text":"hello"}'`);
console.log(`curl -N ${url} -H 'Last-Event-ID: <the last id that you have seen>'`);
