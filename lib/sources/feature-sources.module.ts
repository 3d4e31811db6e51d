import { type DynamicModule, Inject, Module, type OnModuleInit, type Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { assertOptions, findOptionProblems } from '../protocol/internal.js';
import type { SseSourcesAsyncOptions, SseSourcesOptions } from './source-options.js';
import { SourcesRuntime } from './sources-runtime.js';

const FEATURE_OPTIONS = Symbol('nestjs-event-stream.feature-options');

/** What `SseModule.forFeature()` gives: it adds sources to those that the root module runs. */
@Module({})
export class FeatureSourcesModule implements OnModuleInit {
  constructor(@Inject(SourcesRuntime) private readonly runtime: SourcesRuntime) {}

  static with(options: SseSourcesOptions): DynamicModule {
    checkFeature(options);
    return { module: FeatureSourcesModule, providers: declaring({ provide: FEATURE_OPTIONS, useValue: options }) };
  }

  static withAsync({ imports = [], inject = [], useFactory }: SseSourcesAsyncOptions): DynamicModule {
    const providers = declaring({ provide: FEATURE_OPTIONS, inject, useFactory });
    return { module: FeatureSourcesModule, imports, providers };
  }

  /** Not earlier: the root module may be constructed after this one. */
  onModuleInit(): void {
    this.runtime.assertRoot();
  }
}

function declaring(options: Provider): Provider[] {
  const runtime: Provider = {
    provide: SourcesRuntime,
    inject: [ModulesContainer, FEATURE_OPTIONS],
    useFactory: (application: ModulesContainer, given: SseSourcesOptions) => {
      checkFeature(given);
      return SourcesRuntime.of(application).declare(given.sources);
    },
  };
  return [options, runtime];
}

/** The sources themselves are checked when all are known. */
function checkFeature(options: SseSourcesOptions): void {
  assertOptions(findOptionProblems<SseSourcesOptions>(options, { sources: () => undefined }));
}
