import { type DynamicModule, type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common';
import { ViewerConnections } from '../viewers/viewer-connections.js';
import { provideViewerCuts } from '../viewers/viewer-cuts.js';
import { ViewerGate } from '../viewers/viewer-gate.js';
import { HistoryFile } from './history-file.js';
import { MachineController } from './machine.controller.js';
import { MachineProbe } from './machine-probe.js';
import { SampleHistory } from './sample-history.js';
import { SamplerService } from './sampler.service.js';

/** Ten minutes. */
const SAMPLES_KEPT = 600;

@Module({
  controllers: [MachineController],
  providers: [MachineProbe, SamplerService, ViewerConnections, provideViewerCuts('machine')],
})
export class MachineModule implements NestModule {
  static keeping(historyFile: string): DynamicModule {
    return {
      module: MachineModule,
      providers: [
        { provide: HistoryFile, useValue: new HistoryFile(historyFile, SAMPLES_KEPT) },
        {
          provide: SampleHistory,
          inject: [HistoryFile],
          useFactory: (file: HistoryFile) => file.load(Date.now()),
        },
      ],
      exports: [SampleHistory],
    };
  }

  configure(consumer: MiddlewareConsumer): void {
    consumer.apply(ViewerGate).forRoutes({ path: 'machine', method: RequestMethod.GET });
  }
}
