import { type DynamicModule, Inject, Module, type OnModuleInit, type Provider } from '@nestjs/common';
import { assertOptions, findOptionProblems, ofType } from '../protocol/internal.js';
import type { SseSourcesAsyncOptions, SseSourcesOptions } from './source-options.js';
import { SourcesModule } from './sources.module.js';
import { SourcesRuntime } from './sources-runtime.js';

const FEATURE_OPTIONS = Symbol('nestjs-event-stream.feature-options');
const DECLARED = Symbol('nestjs-event-stream.feature-declared');

/** What `SseModule.forFeature()` gives: it adds sources to those that the root module runs. */
@Module({ imports: [SourcesModule] })
export class FeatureSourcesModule implements OnModuleInit {
  constructor(@Inject(SourcesRuntime) private readonly runtime: SourcesRuntime) {}

  static with(options: SseSourcesOptions): DynamicModule {
    checkFeature(options);
    return { module: FeatureSourcesModule, providers: declaring({ provide: FEATURE_OPTIONS, useValue: options }) };
  }

  static withAsync(options: SseSourcesAsyncOptions): DynamicModule {
    checkAsyncFeature(options);
    const { imports = [], inject = [], useFactory } = options;
    const providers = declaring({ provide: FEATURE_OPTIONS, inject, useFactory });
    return { module: FeatureSourcesModule, imports, providers };
  }

  /** Not earlier: the root module may be constructed after this one. */
  onModuleInit(): void {
    this.runtime.assertRoot();
  }
}

function declaring(options: Provider): Provider[] {
  const declaration: Provider = {
    provide: DECLARED,
    inject: [SourcesRuntime, FEATURE_OPTIONS],
    useFactory: (runtime: SourcesRuntime, given: SseSourcesOptions) => {
      checkFeature(given);
      runtime.declare(given.sources);
    },
  };
  return [options, declaration];
}

/** The sources themselves are checked when all are known. */
function checkFeature(options: SseSourcesOptions): void {
  assertOptions(findOptionProblems<SseSourcesOptions>(options, { sources: () => undefined }));
}

function checkAsyncFeature(options: unknown): void {
  const given = typeof options === 'object' && options !== null ? options : {};
  // Also where it is missing, which rules are not asked about.
  const useFactory = ofType('function')((given as Partial<SseSourcesAsyncOptions>).useFactory);
  const any = () => undefined;
  assertOptions([
    ...findOptionProblems<SseSourcesAsyncOptions>(given, { imports: any, inject: any, useFactory: any }),
    ...(useFactory ? [{ option: 'useFactory', problem: `${useFactory}: it gives { sources }` }] : []),
  ]);
}
