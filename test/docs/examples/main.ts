import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
app.enableShutdownHooks(); // at SIGTERM streams end such that their clients come back
await app.listen(process.env['PORT'] ?? 3000);
