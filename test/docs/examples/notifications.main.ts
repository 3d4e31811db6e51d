import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './notifications.app.js';

export async function startShop(port = 3000): Promise<INestApplication> {
  const app = await NestFactory.create(AppModule);
  app.enableShutdownHooks(); // so that SIGTERM ends streams in good order, and tells clients when to come back
  await app.listen(port);
  return app;
}
