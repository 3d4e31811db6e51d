import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { assertOptions } from '../protocol/internal.js';
import { PUSHER_RUNTIME, type PusherRuntime } from '../pusher/index.js';
import { findGuardedRoutes } from './find-guarded-routes.js';
import { GuardFinder } from './guard-finder.js';

/** Finds out at start-up whether the guards can be found that streams are to be asked about later. */
@Injectable()
export class AccessLifecycle implements OnModuleInit {
  constructor(
    @Inject(PUSHER_RUNTIME) private readonly runtime: PusherRuntime,
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(ModuleRef) private readonly moduleRef: ModuleRef,
  ) {}

  /** When everything was constructed, and before the first request. @throws SseOptionsError that names every guard */
  onModuleInit(): void {
    const finder = new GuardFinder(this.modules, this.moduleRef);
    const { reauthorize } = this.runtime.settings;
    const places = [
      { option: 'reauthorize.guards', guards: (reauthorize || undefined)?.guards ?? [] },
      ...findGuardedRoutes(this.modules),
    ];
    const problems = places.flatMap(({ option, guards }) => {
      return guards.flatMap((guard) => {
        const problem = finder.problemOf(guard);
        return problem ? [{ option, problem }] : [];
      });
    });
    assertOptions(problems);
  }
}
