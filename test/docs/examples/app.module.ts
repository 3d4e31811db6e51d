import { Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';
import { ClockController } from './clock.controller.js';
import { NoticesController } from './notices.controller.js';

@Module({ imports: [SseModule.forRoot()], controllers: [ClockController, NoticesController] })
export class AppModule {}
