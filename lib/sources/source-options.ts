import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import type { SseReceiverOptions, SseUrlFactory } from '../receiver/index.js';
import type { SseLeases } from './leases.js';

/** Another server's event stream that the application follows as long as it runs. All times are in milliseconds. */
export interface SseSourceOptions extends Omit<SseReceiverOptions, 'name'> {
  /**
   * Where the stream is, of http or https; or a (possibly asynchronous) function that gives it for each connection.
   * Credentials in it are sent as basic authorization, and never shown.
   */
  readonly url: string | URL | SseUrlFactory;
  /**
   * How long the shutdown waits for handlers that are in the middle of a message. What they have not finished then counts
   * as not received: with a `cursorStore` it comes again. Default 10,000; 0 = not at all.
   */
  readonly stopTimeoutMs?: number;
  /**
   * After how long a message that its handlers have not finished is warned of, once. Default 60,000; 0 = never.
   */
  readonly slowAfterMs?: number;
  /**
   * Has one instance at a time follow the source, of all that have it, such as `redisLeases()`; the others are on standby.
   * When the one ends, dies or is cut off, another one goes on from the cursor in the `cursorStore` that all share. Only for
   * `@OnSseEvent()`: `SseSources.get()` gives a closed subscription on standby. Without it, every instance follows the source.
   */
  readonly lease?: SseLeases;
  /** False switches the source off: it is checked and has its name, but never connects. Default true. */
  readonly enabled?: boolean;
}

/** What `SseModule.forFeature()` takes. */
export interface SseSourcesOptions {
  /** Sources by their names, which handlers ask for. A name is there once in an application. */
  readonly sources: Readonly<Record<string, SseSourceOptions>>;
}

/** What `SseModule.forFeatureAsync()` takes: a factory, what to inject into it, and the modules that provide that. */
export interface SseSourcesAsyncOptions
  extends Pick<ModuleMetadata, 'imports'>,
    Pick<FactoryProvider<SseSourcesOptions>, 'inject' | 'useFactory'> {}
