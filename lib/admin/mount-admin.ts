import { Controller, type Type, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import type { SseAdminOptions } from './admin-options.js';
import { AdminRoutes } from './admin-routes.js';

/**
 * A controller with the routes of operators at a path of its own. The guards are metadata of it, like those of any other
 * controller: Nest makes them, whatever their scope, and gives them the handler that they decide about.
 */
export function mountAdmin({
  guards,
  path,
  version = VERSION_NEUTRAL,
}: Pick<SseAdminOptions, 'guards' | 'version'> & { readonly path: string }): Type {
  @Controller({ path, version })
  @UseGuards(...guards)
  class SseAdminController extends AdminRoutes {}
  return SseAdminController;
}
