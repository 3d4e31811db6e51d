import { Controller, Query, type Type, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { Unlimited } from '../access/index.js';
import { Pusher, SsePusher, SseStream } from '../pusher/index.js';
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
  class SseAdminController extends AdminRoutes {
    /**
     * Ends with the permission of its operator. It is no user's: the module's `keys` may go by what only its own guards put on
     * a request, and would have it take a place of the operator's own.
     */
    @Unlimited()
    @SseStream('live', { keys: () => ({}), reauthorize: { guards } })
    live(@Query() query: Record<string, unknown>, @Pusher() pusher: SsePusher) {
      return this.follow(query, pusher.signal);
    }
  }
  return SseAdminController;
}
