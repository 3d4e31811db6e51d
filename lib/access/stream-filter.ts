import type { SseStreamInfo } from '../pusher/index.js';

/** Which streams are meant: those that match all that is given. */
export interface SseStreamFilter {
  /** Number of the stream in this process. */
  readonly id?: number;
  /** `Controller.method` of a decorated route, else the request's method and path. */
  readonly route?: string;
  /** What the option `keys` has said of the stream, or a part of it; a number is the same as its text. */
  readonly keys?: Readonly<Record<string, string | number>>;
}

/** Whether a stream is among those that are meant. */
export function matches({ id, route, keys }: SseStreamFilter, info: SseStreamInfo): boolean {
  return (
    (id === undefined || id === info.streamId) &&
    (route === undefined || route === info.route) &&
    (keys === undefined || Object.entries(keys).every(([name, value]) => info.keys[name] === String(value)))
  );
}
