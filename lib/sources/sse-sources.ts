import { Inject, Injectable } from '@nestjs/common';
import type { SseSubscription } from '../receiver/index.js';
import { SourcesRuntime } from './sources-runtime.js';

/**
 * The sources that the modules of the application have, by name; from `onApplicationBootstrap()` on.
 *
 * @example
 * ```ts
 * class Health { constructor(private readonly sources: SseSources) {}
 *   isUp = () => this.sources.names().every((name) => this.sources.get(name).state === 'open');
 * }
 * ```
 */
@Injectable()
export class SseSources {
  /** @internal */
  constructor(@Inject(SourcesRuntime) private readonly runtime: SourcesRuntime) {}

  /**
   * The names of all sources, those that no method has `@OnSseEvent()` for included.
   *
   * @throws SseSourcesNotReadyError before the modules are initialised
   */
  names(): string[] {
    return this.runtime.names;
  }

  /**
   * The subscription of a source. Closing it ends the source; consuming it shares the connection with the handlers, and
   * connects a source without any. It is closed when the application shuts down.
   *
   * @throws SseUnknownSourceError that names the sources that exist
   * @throws SseSourcesNotReadyError before the modules are initialised
   */
  get(name: string): SseSubscription {
    return this.runtime.get(name);
  }
}
