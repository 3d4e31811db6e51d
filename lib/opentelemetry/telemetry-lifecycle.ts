import { Inject, Injectable, Logger, type OnApplicationShutdown, type OnModuleInit, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { SseChannels } from '../channel/index.js';
import { SseOptionsError } from '../protocol/index.js';
import { SsePusherFactory } from '../pusher/index.js';
import { SseReceiverService } from '../receiver/index.js';
import { SourcesRuntime } from '../sources/index.js';
import type { OpenTelemetryApi } from './load-api.js';
import type { SseOpenTelemetryOptions } from './opentelemetry-options.js';
import { Telemetry } from './telemetry.js';

export const OPEN_TELEMETRY_API = Symbol('nestjs-event-stream.opentelemetry-api');
export const OPEN_TELEMETRY_OPTIONS = Symbol('nestjs-event-stream.opentelemetry-options');

/** Has everything observed from when all modules are constructed until the application has closed. */
@Injectable()
export class TelemetryLifecycle implements OnModuleInit, OnApplicationShutdown {
  #telemetry: Telemetry | undefined;

  constructor(
    @Inject(OPEN_TELEMETRY_API) private readonly api: OpenTelemetryApi | undefined,
    @Inject(OPEN_TELEMETRY_OPTIONS) private readonly options: SseOpenTelemetryOptions,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {}

  /** Not earlier: the modules that are observed may be constructed after this one. */
  onModuleInit(): void {
    if (!this.api) {
      const logger = new Logger('SseOpenTelemetry');
      logger.warn('The package @opentelemetry/api is not installed: nothing is measured, and nothing is traced');
      return;
    }
    const telemetry = new Telemetry(this.api, this.options);
    for (const { runtime } of this.#all(SsePusherFactory)) telemetry.addStreams(runtime);
    for (const channels of this.#all(SseChannels)) telemetry.addChannels(channels);
    for (const receiver of this.#all(SseReceiverService)) telemetry.addReceiver(receiver);
    for (const sources of this.#all(SourcesRuntime)) telemetry.addSources(sources);
    this.#telemetry = telemetry;
  }

  /** After the streams were ended, which is measured too. */
  onApplicationShutdown(): void {
    this.#telemetry?.stop();
  }

  /** An application may hold `SseModule` several times. */
  #all<T>(type: Type<T>): T[] {
    try {
      return this.moduleRef.get(type, { strict: false, each: true });
    } catch {
      const problem = 'measures what SseModule does: import SseModule.forRoot() in the root module, too';
      throw new SseOptionsError([{ option: 'SseOpenTelemetryModule', problem }]);
    }
  }
}
