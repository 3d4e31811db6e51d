import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DiscoveryModule, ModulesContainer } from '@nestjs/core';
import { SourcesRuntime } from './sources-runtime.js';

type NestModule = ModulesContainer extends Map<string, infer M> ? M : never;

/** Nest gives a module's distance from the root module, which has 1. */
const NEARER_THAN_THE_ROOT: NestModule['distance'] = 0;

/**
 * Is there once in an application, however often `SseModule` is, and holds the sources of all modules.
 *
 * Nest starts the modules that are far from the root module first, and destroys those that are near it first. This one is
 * put nearest: sources begin when everything else has started, and end before anything that handlers work with.
 */
@Module({ imports: [DiscoveryModule], providers: [SourcesRuntime], exports: [SourcesRuntime] })
export class SourcesModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(SourcesRuntime) private readonly runtime: SourcesRuntime,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    for (const module of modules.values()) {
      // A Nest that no longer has this leaves the sources to the order of the imports.
      if (module.metatype === SourcesModule) Reflect.set(module, 'distance', NEARER_THAN_THE_ROOT);
    }
  }

  /** Waits for no connection: an application starts also while its sources are down. */
  onApplicationBootstrap(): void {
    this.runtime.begin();
  }

  async onModuleDestroy(): Promise<void> {
    await this.runtime.end();
  }
}
