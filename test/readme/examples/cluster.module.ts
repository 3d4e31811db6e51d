import { Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';
import { redisBackplane } from 'nestjs-event-stream/redis';

@Module({
  imports: [
    SseModule.forRoot({ backplane: redisBackplane({ url: process.env['REDIS_URL'] ?? 'redis://localhost:6379' }) }),
  ],
})
export class ClusterModule {}
