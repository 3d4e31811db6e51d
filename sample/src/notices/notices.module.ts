import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { ViewerConnections } from '../viewers/viewer-connections.js';
import { provideViewerCuts } from '../viewers/viewer-cuts.js';
import { ViewerGate } from '../viewers/viewer-gate.js';
import { NoticeBoard } from './notice-board.js';
import { NoticesController } from './notices.controller.js';

@Module({
  controllers: [NoticesController],
  providers: [NoticeBoard, ViewerConnections, provideViewerCuts('notices')],
})
export class NoticesModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(ViewerGate).forRoutes({ path: 'notices', method: RequestMethod.GET });
  }
}
