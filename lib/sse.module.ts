import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import {
  AccessLifecycle,
  GuardFinder,
  LOAD_PROBE,
  type LoadProbe,
  NodeLoadProbe,
  Reauthorizer,
  Revoker,
  SseStreamRegistry,
  SseTicketGuard,
  SseTickets,
  StreamLimiter,
} from './access/index.js';
import {
  ChannelHub,
  ChannelLifecycle,
  ControlChannel,
  HistoryPolicy,
  MemoryBackplane,
  positionsFor,
  REVOCATIONS,
  SseChannels,
} from './channel/index.js';
import { SseOptionsError } from './protocol/index.js';
import {
  createPusherRuntime,
  mergeStreamOptions,
  PUSHER_RUNTIME,
  PusherLifecycle,
  type PusherRuntime,
  SHUTDOWN_DEFAULTS,
  type SseErrorHandler,
  SsePusherFactory,
  STREAM_DEFAULTS,
  withDefaults,
} from './pusher/index.js';
import { SseReceiverService } from './receiver/index.js';
import {
  FeatureSourcesModule,
  SourcesModule,
  SourcesOpener,
  SourcesRuntime,
  SseSources,
  type SseSourcesAsyncOptions,
  type SseSourcesOptions,
} from './sources/index.js';
import { ASYNC_OPTIONS_TYPE, ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './sse.module-definition.js';
import { type SseModuleInput, type SseModuleOptions, streamOptionsIn, toModuleOptions } from './sse-options.js';
import { tellOfBareImport } from './tell-of-bare-import.js';

const CHECKED_OPTIONS = Symbol('nestjs-event-stream.options');
const DECLARED_SOURCES = Symbol('nestjs-event-stream.declared-sources');

/**
 * Server-Sent Events for a Nest application: `@SseStream()` and `SsePusherFactory` to push, `SseChannels` to publish to
 * many, `SseReceiverService` and `@OnSseEvent()` to receive. Global, unless `isGlobal: false` says otherwise.
 *
 * @example
 * ```ts
 * const imports = [SseModule.forRoot(30_000)]; // of the root module: a ping after 30 s of silence
 * ```
 */
@Module({
  imports: [SourcesModule],
  providers: [
    {
      provide: CHECKED_OPTIONS,
      // Optional, so that importing the bare class gives the defaults.
      inject: [ModulesContainer, { token: MODULE_OPTIONS_TOKEN, optional: true }],
      useFactory: (modules: ModulesContainer, input: SseModuleInput | undefined) => {
        if (input === undefined) {
          tellOfBareImport(modules, SseModule);
        }
        return toModuleOptions(input);
      },
    },
    {
      provide: LOAD_PROBE,
      useFactory: () => new NodeLoadProbe(),
    },
    {
      provide: PUSHER_RUNTIME,
      inject: [CHECKED_OPTIONS, ModuleRef, ModulesContainer, LOAD_PROBE],
      useFactory: pusherRuntime,
    },
    {
      provide: ChannelHub,
      inject: [CHECKED_OPTIONS, PUSHER_RUNTIME],
      useFactory: channelHub,
    },
    {
      provide: SseStreamRegistry,
      inject: [PUSHER_RUNTIME, ChannelHub],
      useFactory: streamRegistry,
    },
    {
      provide: SseTickets,
      inject: [CHECKED_OPTIONS, PUSHER_RUNTIME],
      useFactory: ({ tickets, backplane }: SseModuleOptions, runtime: PusherRuntime) =>
        new SseTickets(tickets, runtime, backplane !== undefined),
    },
    {
      provide: DECLARED_SOURCES,
      inject: [SourcesRuntime, CHECKED_OPTIONS],
      useFactory: (runtime: SourcesRuntime, { sources }: SseModuleOptions) => runtime.declareRoot(sources),
    },
    SseTicketGuard,
    PusherLifecycle,
    AccessLifecycle,
    ChannelLifecycle,
    SourcesOpener,
    SsePusherFactory,
    SseChannels,
    SseReceiverService,
    SseSources,
  ],
  exports: [
    SsePusherFactory,
    SseStreamRegistry,
    SseTickets,
    SseTicketGuard,
    SseChannels,
    SseReceiverService,
    SseSources,
  ],
})
export class SseModule extends ConfigurableModuleClass {
  /**
   * The module with its options, for the root module of an application.
   *
   * @param input options, or the ping interval in milliseconds (0 = never); by default a ping follows 15 s of silence
   * @throws SseOptionsError that names every problem of the options; those of `sources` when the application starts
   */
  static override forRoot(input: SseModuleInput = {}): DynamicModule {
    return super.forRoot(toModuleOptions(input));
  }

  /**
   * Options that come from injected services, as a number or an object.
   *
   * @throws SseOptionsError (when the application starts) that names every problem of the options
   *
   * @example
   * ```ts
   * SseModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => Number(config.get('SSE_PING_MS')),
   * });
   * ```
   */
  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return super.forRootAsync(options);
  }

  /**
   * Sources of a feature module, beside those of `forRoot()`. A name is there once in an application.
   *
   * @throws SseOptionsError for what is no such object; when the application starts, with every problem of all sources
   * @throws SseRootMissingError (when the application starts) without `forRoot()`
   *
   * @example
   * ```ts
   * const imports = [SseModule.forFeature({ sources: { billing: { url: 'https://billing.example/events' } } })];
   * ```
   */
  static forFeature(options: SseSourcesOptions): DynamicModule {
    return FeatureSourcesModule.with(options);
  }

  /**
   * The same with options that come from injected services.
   *
   * @throws SseOptionsError (when the application starts) with every problem of all sources
   * @throws SseRootMissingError (when the application starts) without `forRoot()`
   *
   * @example
   * ```ts
   * SseModule.forFeatureAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ sources: { billing: { url: config.getOrThrow('BILLING_URL') } } }),
   * });
   * ```
   */
  static forFeatureAsync(options: SseSourcesAsyncOptions): DynamicModule {
    return FeatureSourcesModule.withAsync(options);
  }
}

function pusherRuntime(
  options: SseModuleOptions,
  moduleRef: ModuleRef,
  modules: ModulesContainer,
  probe: LoadProbe,
): PusherRuntime {
  const { shutdown, guardReplies, isGlobal, limits } = options;
  if (isGlobal !== undefined) {
    const problem = 'comes too late from a factory: give it to forRootAsync() itself';
    throw new SseOptionsError([{ option: 'isGlobal', problem }]);
  }
  return createPusherRuntime({
    settings: mergeStreamOptions(STREAM_DEFAULTS, streamOptionsIn(options)),
    shutdown: withDefaults(SHUTDOWN_DEFAULTS, shutdown),
    replyGuarded: guardReplies ?? true,
    ...(limits && { gate: (ledger) => new StreamLimiter(ledger, limits, probe) }),
    authority: (shared) => new Reauthorizer({ guards: new GuardFinder(modules, moduleRef), ...shared }),
    lookup: (type: Type<SseErrorHandler>) => moduleRef.get(type, { strict: false }),
  });
}

async function channelHub(options: SseModuleOptions, { settings, services }: PusherRuntime): Promise<ChannelHub> {
  const { history, channels, cursor, backplane } = options;
  const hub = new ChannelHub({
    backplane: backplane ?? new MemoryBackplane(),
    policy: new HistoryPolicy(history),
    options: channels ?? {},
    turn: services.turn,
    serialize: settings.serialize,
    maxMessageBytes: settings.maxBufferedBytes,
    positions: positionsFor(cursor),
  });
  // Here, so that whoever is given the channels can publish from its constructor on.
  await hub.start();
  return hub;
}

function streamRegistry({ ledger, authority }: PusherRuntime, hub: ChannelHub): SseStreamRegistry {
  return new SseStreamRegistry(
    ledger,
    new Revoker({ ledger, control: new ControlChannel(hub, REVOCATIONS), authority }),
  );
}
