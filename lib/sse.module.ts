import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  createPusherRuntime,
  mergeStreamOptions,
  PUSHER_RUNTIME,
  PusherLifecycle,
  type PusherRuntime,
  SHUTDOWN_DEFAULTS,
  type SseErrorHandler,
  SsePusherFactory,
  SseStreamRegistry,
  STREAM_DEFAULTS,
  withDefaults,
} from './pusher/index.js';
import { SseReceiverService } from './receiver/index.js';
import { ASYNC_OPTIONS_TYPE, ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './sse.module-definition.js';
import { type SseModuleInput, type SseModuleOptions, toModuleOptions } from './sse-options.js';

/**
 * Server-Sent Events for a Nest application: `@SseStream()` and `SsePusherFactory` to push, `SseReceiverService` to
 * receive. Global, unless `isGlobal: false` says otherwise.
 *
 * @example
 * ```ts
 * @Module({ imports: [SseModule.forRoot(30_000)] }) // a ping after 30 s of silence
 * export class AppModule {}
 * ```
 */
@Module({
  providers: [
    {
      provide: PUSHER_RUNTIME,
      inject: [MODULE_OPTIONS_TOKEN, ModuleRef],
      useFactory: (input: SseModuleInput, moduleRef: ModuleRef) => pusherRuntime(toModuleOptions(input), moduleRef),
    },
    {
      provide: SseStreamRegistry,
      inject: [PUSHER_RUNTIME],
      useFactory: (runtime: PusherRuntime) => new SseStreamRegistry(runtime.ledger),
    },
    PusherLifecycle,
    SsePusherFactory,
    SseReceiverService,
  ],
  exports: [SsePusherFactory, SseStreamRegistry, SseReceiverService],
})
export class SseModule extends ConfigurableModuleClass {
  /**
   * @param input options, or the ping interval in milliseconds (0 = never); by default a ping follows 15 s of silence
   * @throws SseOptionsError that names every problem of the options
   */
  static override forRoot(input: SseModuleInput & { isGlobal?: boolean } = {}): DynamicModule {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return super.forRoot(toModuleOptions(input));
    }
    const { isGlobal, ...options } = input;
    return super.forRoot({ ...toModuleOptions(options), isGlobal });
  }

  /**
   * Options that come from injected services, as a number or an object.
   *
   * @throws SseOptionsError (when the application starts) that names every problem of the options
   *
   * @example
   * ```ts
   * SseModule.forRootAsync({ inject: [ConfigService], useFactory: (config: ConfigService) => config.get('SSE_PING_MS') })
   * ```
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }
}

function pusherRuntime(options: SseModuleOptions, moduleRef: ModuleRef): PusherRuntime {
  const { shutdown, guardReplies, ...streams } = options;
  return createPusherRuntime({
    settings: mergeStreamOptions(STREAM_DEFAULTS, streams),
    shutdown: withDefaults(SHUTDOWN_DEFAULTS, shutdown),
    replyGuarded: guardReplies ?? true,
    lookup: (type: Type<SseErrorHandler>) => moduleRef.get(type, { strict: false }),
  });
}
