import { Module } from '@nestjs/common';
import { WatcherService } from './watcher.service.js';

@Module({ providers: [WatcherService] })
export class WatcherModule {}
