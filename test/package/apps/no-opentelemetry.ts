import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseChannels, SseModule } from 'nestjs-event-stream';
import { SseOpenTelemetryModule } from 'nestjs-event-stream/opentelemetry';

@Module({ imports: [SseModule.forRoot(), SseOpenTelemetryModule.forRoot()] })
class AppModule {}

async function main(): Promise<void> {
  const said: unknown[] = [];
  const quiet = (): void => {};
  const logger = { log: quiet, error: quiet, warn: (text: unknown) => said.push(text) };
  const app = await NestFactory.createApplicationContext(AppModule, { logger });
  const id = await app.get(SseChannels).publish('news', 'all is well');
  await app.close();
  console.log(id !== '' && said.join());
}

void main();
