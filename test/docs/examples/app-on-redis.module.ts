import { Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';
import { redisBackplane } from 'nestjs-event-stream/redis';
import { ClockController } from './clock.controller.js';
import { NoticesController } from './notices.controller.js';

@Module({
  imports: [
    SseModule.forRootAsync({
      useFactory: () => {
        const url = process.env['REDIS_URL']; // without one, this process stands alone
        return url ? { backplane: redisBackplane({ url }) } : {};
      },
    }),
  ],
  controllers: [ClockController, NoticesController],
})
export class AppModule {}
