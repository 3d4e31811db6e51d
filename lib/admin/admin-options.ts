import type { CanActivate, ControllerOptions, ModuleMetadata, Type } from '@nestjs/common';
import { count, describe, type OptionRules, ofType } from '../protocol/internal.js';

/** Options of `SseAdminModule`. */
export interface SseAdminOptions {
  /** Who may see and close streams, as `@UseGuards()` takes it; all of them have to agree. There is no default. */
  guards: readonly (Type<CanActivate> | CanActivate)[];
  /** Where the routes are, behind a global prefix if there is one. Default `'admin/sse'`. */
  path?: string;
  /** Modules that provide what the guards inject; and `SseModule`'s own, where that is not global. */
  imports?: ModuleMetadata['imports'];
  /** As `@Controller({ version })` takes it. Default: the same under every version, and without one. */
  version?: ControllerOptions['version'];
  /** How many streams a page of the list has at most, and the live view. Default 200. */
  maxRows?: number;
}

export const ADMIN_RULES: OptionRules<SseAdminOptions> = {
  guards: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(isGuard)
      ? undefined
      : `must be an array of guards, with one at least: whoever gets past them sees and closes every stream; got ${
          Array.isArray(value) && value.length === 0 ? 'an empty one' : describe(value)
        }`,
  path: ofType('string'),
  imports: (value) => (Array.isArray(value) ? undefined : `must be an array, got ${describe(value)}`),
  // Nest's own, checked by it.
  version: () => undefined,
  maxRows: count({ min: 1 }),
};

function isGuard(value: unknown): boolean {
  return typeof value === 'function' || typeof (value as CanActivate | undefined | null)?.canActivate === 'function';
}
