import { type DynamicModule, Module } from '@nestjs/common';
import { SseModule } from 'nestjs-event-stream';
import { AlertsController } from './alerts/alerts.controller.js';
import { MachineModule } from './machine/machine.module.js';
import type { Settings } from './settings.js';
import { WatcherModule } from './watcher/watcher.module.js';

@Module({})
export class AppModule {
  static with({ historyFile }: Settings): DynamicModule {
    return {
      module: AppModule,
      imports: [SseModule.forRoot(5_000), MachineModule.keeping(historyFile), WatcherModule],
      controllers: [AlertsController],
    };
  }
}
