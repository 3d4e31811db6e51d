import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseChannels, SseModule } from 'nestjs-event-stream';

@Module({ imports: [SseModule.forRoot()] })
class WorkerModule {}

/** There is no HTTP server here. */
export async function countWords(texts: string[]): Promise<number[]> {
  const app = await NestFactory.createApplicationContext(WorkerModule, { logger: false });
  const channels = app.get(SseChannels);
  const counted = channels.subscribe('counted'); // begins here, and holds nothing until it is used
  for (const text of texts) {
    await channels.publish('counted', { data: text.split(' ').length });
  }
  await channels.close('counted'); // ends the loop, once it has had everything
  const counts: number[] = [];
  for await (const message of counted) {
    counts.push(message.json<number>());
  }
  await app.close();
  return counts;
}
