import type { SseStreamKeys } from '../pusher/index.js';

/** What a stream has as a key; nothing where the option `keys` gave nothing, whatever objects inherit. */
export function keyValue(keys: SseStreamKeys, key: string): string | undefined {
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}
