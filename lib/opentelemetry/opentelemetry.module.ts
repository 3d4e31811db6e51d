import { type DynamicModule, Module } from '@nestjs/common';
import { assertOptions, findOptionProblems } from '../protocol/internal.js';
import { OPEN_TELEMETRY_RULES } from './check-opentelemetry-options.js';
import { loadApi } from './load-api.js';
import type { SseOpenTelemetryOptions } from './opentelemetry-options.js';
import { OPEN_TELEMETRY_API, OPEN_TELEMETRY_OPTIONS, TelemetryLifecycle } from './telemetry-lifecycle.js';

/**
 * Metrics and traces of streams, channels, receivers and sources, through `@opentelemetry/api`: import it beside `SseModule`.
 * They go to the providers that are registered when the application starts, so start the SDK first. Without the package it
 * says so once, and does nothing.
 *
 * @example
 * ```ts
 * const imports = [SseModule.forRoot(), SseOpenTelemetryModule.forRoot({ channelKind: (channel) => channel.split(':')[0] })];
 * ```
 */
@Module({})
export class SseOpenTelemetryModule {
  /**
   * For the root module of an application, once.
   *
   * @throws SseOptionsError that names every problem of the options; when the application starts, without `SseModule`
   */
  static forRoot(options: SseOpenTelemetryOptions = {}): DynamicModule {
    assertOptions(findOptionProblems(options, OPEN_TELEMETRY_RULES));
    return {
      module: SseOpenTelemetryModule,
      providers: [
        { provide: OPEN_TELEMETRY_OPTIONS, useValue: options },
        { provide: OPEN_TELEMETRY_API, useFactory: () => loadApi() },
        TelemetryLifecycle,
      ],
    };
  }
}
