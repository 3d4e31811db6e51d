import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Pusher, SseModule, SsePusher, SseReceiverService, SseStream } from 'nestjs-event-stream';
import { createTestPusher, FakeSseSource, openStream, type TestStream } from 'nestjs-event-stream/testing';

@Controller()
class TicksController {
  @SseStream('ticks')
  async ticks(@Pusher() pusher: SsePusher): Promise<void> {
    await pusher.push({ data: '1' });
  }
}

@Module({ imports: [SseModule.forRoot()], controllers: [TicksController] })
class AppModule {}

async function main(): Promise<void> {
  const pusher = createTestPusher();
  await new TicksController().ticks(pusher);
  console.log(`pushed: ${pusher.messages[0]?.data}`);

  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  const stream: TestStream = await openStream(app, '/ticks');
  console.log(`streamed: ${(await stream.next()).data}`);
  await stream.close();

  const source = await FakeSseSource.start();
  source.emit({ data: '1' });
  source.end();
  source.refuse(204);
  for await (const { data } of app.get(SseReceiverService).subscribe(source.url)) {
    console.log(`received: ${data}`);
  }
  await source.close();
  await app.close();
}

void main();
