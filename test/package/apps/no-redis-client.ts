import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { isSseError, SseModule } from 'nestjs-event-stream';
import { type RedisBackplaneOptions, redisBackplane } from 'nestjs-event-stream/redis';

const options: RedisBackplaneOptions = { url: 'redis://127.0.0.1' };

@Module({ imports: [SseModule.forRoot({ backplane: redisBackplane(options) })] })
class AppModule {}

NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false }).catch((error: unknown) => {
  if (isSseError(error)) console.log(error.message);
});
