import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SseModule } from 'nestjs-event-stream';
import { WatcherModule } from './watcher/watcher.module.js';
import { WatcherService } from './watcher/watcher.service.js';

@Module({ imports: [SseModule.forRoot(), WatcherModule] })
class WatchModule {}

/** Runs the watcher alone: in a process of its own it lives through restarts of what it watches. */
export async function watch(url: string): Promise<void> {
  const app = await NestFactory.createApplicationContext(WatchModule, { logger: ['warn', 'error'] });
  app.enableShutdownHooks();
  app.get(WatcherService).watch(url);
}
