import { Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';
import { redisBackplane } from 'nestjs-event-stream/redis';
import { NotificationsModule } from './notifications.module.js';

@Module({
  imports: [
    SseModule.forRootAsync({
      useFactory: () => ({
        backplane: redisBackplane({ url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' }),
        history: { events: 50, ageMs: 24 * 3_600_000 }, // of each user, for a day
      }),
    }),
    NotificationsModule,
  ],
})
export class AppModule {}
