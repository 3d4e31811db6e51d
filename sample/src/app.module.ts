import { type DynamicModule, Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';
import { redisBackplane } from 'nestjs-event-stream/redis';
import { AlertsController } from './alerts/alerts.controller.js';
import { Instance } from './instance.js';
import { MachineModule } from './machine/machine.module.js';
import { NoticesModule } from './notices/notices.module.js';
import type { Settings } from './settings.js';
import { StreamsModule } from './streams/streams.module.js';
import { readViewerName } from './viewers/viewer-name.js';
import { WatcherModule } from './watcher/watcher.module.js';

/** Of each channel. */
const HISTORY = { events: 100, ageMs: 3_600_000 };

const PREFIX = 'nestjs-event-stream-sample';

@Module({})
export class AppModule {
  static with({ historyFile, servedBy, redisUrl }: Settings): DynamicModule {
    const instance = new Instance(servedBy, redisUrl !== undefined);
    return {
      module: AppModule,
      global: true,
      imports: [
        SseModule.forRoot({
          pingMs: 5_000,
          history: HISTORY,
          keys: ({ query }) => ({ viewer: readViewerName(query.viewer) }),
          ...(redisUrl && { backplane: redisBackplane({ url: redisUrl, prefix: PREFIX }) }),
        }),
        MachineModule.keeping(historyFile),
        NoticesModule,
        WatcherModule,
        ...(instance.isOneOfMany ? [] : [StreamsModule]),
      ],
      controllers: [AlertsController],
      providers: [{ provide: Instance, useValue: instance }],
      exports: [Instance],
    };
  }
}
