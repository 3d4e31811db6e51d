import { Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';

@Module({
  imports: [
    SseModule.forRootAsync({
      // One secret, or several with commas between them: the first one writes ids, all of them read.
      useFactory: () => ({ cursor: { secret: (process.env['SSE_CURSOR_SECRETS'] ?? '').split(',') } }),
    }),
  ],
})
export class TenantsModule {}
