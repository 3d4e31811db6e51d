import type { SseStreamInfo } from '../pusher/index.js';
import { keyValue } from './key-value.js';

/** Which streams are meant: those for which all that is given is so. */
export interface SseStreamFilter {
  /** The number of one stream, in this process. */
  readonly id?: number;
  /** As in `SseStreamInfo.route`. */
  readonly route?: string;
  /** As the option `keys` has given them; a stream may have more. */
  readonly keys?: Readonly<Record<string, string | number>>;
}

/** Whether a stream is meant. */
export function matches({ id, route, keys = {} }: SseStreamFilter, info: SseStreamInfo): boolean {
  return (
    (id === undefined || id === info.streamId) &&
    (route === undefined || route === info.route) &&
    Object.entries(keys).every(([name, value]) => keyValue(info.keys, name) === String(value))
  );
}
