import { type DynamicModule, Inject, Module, Optional } from '@nestjs/common';
import { assertOptions, findOptionProblems } from '../protocol/internal.js';
import { ADMIN_RULES, type SseAdminOptions } from './admin-options.js';
import { ADMIN_SETTINGS, type AdminSettings } from './admin-settings.js';
import { LiveTicks } from './live-ticks.js';
import { mountAdmin } from './mount-admin.js';

const DEFAULT_PATH = 'admin/sse';
const DEFAULT_ROWS = 200;

/**
 * Routes for operators: what is open, how far it is behind, why others ended, and a way to close. There are none unless this
 * module is imported, and it does not start without a guard. Beside `SseModule`, whose streams it shows: those of one process.
 *
 * @example
 * ```ts
 * const imports = [SseModule.forRoot(), SseAdminModule.forRoot({ guards: [AdminGuard] })];
 * ```
 */
@Module({})
export class SseAdminModule {
  /** @internal Made by Nest. */
  constructor(@Optional() @Inject(ADMIN_SETTINGS) settings: AdminSettings | undefined) {
    if (!settings) {
      assertGuarded({});
    }
  }

  /** @throws SseOptionsError that names every problem of the options, a missing guard among them */
  static forRoot(options: SseAdminOptions): DynamicModule {
    assertGuarded(options);
    const { guards, path = DEFAULT_PATH, version, imports = [], maxRows = DEFAULT_ROWS } = options;
    const settings: AdminSettings = { maxRows };
    return {
      module: SseAdminModule,
      imports,
      controllers: [mountAdmin({ guards, path, version })],
      providers: [{ provide: ADMIN_SETTINGS, useValue: settings }, LiveTicks],
    };
  }
}

function assertGuarded(options: Partial<SseAdminOptions>): void {
  // An option that is absent is no problem to the table of rules, but this one is.
  const given = typeof options === 'object' && options ? { ...options, guards: options.guards ?? [] } : options;
  assertOptions(findOptionProblems(given, ADMIN_RULES));
}
