import 'reflect-metadata';
import type { SseStreamOptions } from './stream-options.js';

const OPTIONS = Symbol('nestjs-event-stream.route');
const LISTENERS = Symbol('nestjs-event-stream.route-listeners');

type Listener = (options: SseStreamOptions, descriptor: PropertyDescriptor) => void;

/** Takes note that a handler streams, and tells those who have asked for that. */
export function markStreamRoute(descriptor: PropertyDescriptor, options: SseStreamOptions = {}): void {
  const listeners: readonly Listener[] = Reflect.getOwnMetadata(LISTENERS, descriptor.value) ?? [];
  Reflect.defineMetadata(OPTIONS, options, descriptor.value);
  for (const listener of listeners) listener(options, descriptor);
}

/** The options of its own that a handler of `@SseStream()` has; undefined for any other. */
export function streamRouteOptions(handler: object): SseStreamOptions | undefined {
  return Reflect.getOwnMetadata(OPTIONS, handler);
}

/** Tells of a handler's own options: at once, or when `@SseStream()` is applied, which may stand above or below. */
export function onceStreamRoute(descriptor: PropertyDescriptor, listener: Listener): void {
  const options = streamRouteOptions(descriptor.value);
  if (options) {
    listener(options, descriptor);
  } else {
    const earlier: readonly Listener[] = Reflect.getOwnMetadata(LISTENERS, descriptor.value) ?? [];
    Reflect.defineMetadata(LISTENERS, [...earlier, listener], descriptor.value);
  }
}
