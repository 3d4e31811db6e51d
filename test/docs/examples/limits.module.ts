import { Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';

@Module({
  imports: [
    SseModule.forRoot({
      keys: ({ user, ip }) => ({ user: user?.id, ip }), // asked after the guards: they have put `user` there
      limits: {
        maxStreams: 20_000,
        per: { user: { max: 5, onFull: 'replace-oldest' }, ip: 100 },
        shed: { maxEventLoopDelayMs: 200, maxHeapUsedRatio: 0.9 },
      },
    }),
  ],
})
export class LimitsModule {}
