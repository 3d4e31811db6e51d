import { markStreamParameter } from './stream-parameters.js';

/**
 * Hands a handler of `@SseStream()` the {@link SsePusher} of its stream. Pipes do not see it: they would clone it.
 *
 * @example
 * ```ts
 * class Jobs { @SseStream('jobs/:id')
 *   async follow(@Param('id') id: string, @Pusher() pusher: SsePusher) { ... }
 * }
 * ```
 */
export function Pusher(): ParameterDecorator {
  return (target, method, index) => markStreamParameter(target, method!, index, 'pusher');
}
