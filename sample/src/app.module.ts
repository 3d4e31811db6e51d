import { type DynamicModule, Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';
import { AlertsController } from './alerts/alerts.controller.js';
import { MachineModule } from './machine/machine.module.js';
import { NoticesModule } from './notices/notices.module.js';
import type { Settings } from './settings.js';
import { WatcherModule } from './watcher/watcher.module.js';

/** Of each channel, and there is one: the notice board. */
const HISTORY = { events: 100, ageMs: 3_600_000 };

@Module({})
export class AppModule {
  static with({ historyFile }: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SseModule.forRoot({ pingMs: 5_000, history: HISTORY }),
        MachineModule.keeping(historyFile),
        NoticesModule,
        WatcherModule,
      ],
      controllers: [AlertsController],
    };
  }
}
