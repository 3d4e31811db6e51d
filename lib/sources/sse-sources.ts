import { Inject, Injectable } from '@nestjs/common';
import type { SseSubscription } from '../receiver/index.js';
import type { SseSourceStatus } from './source-status.js';
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
   * The names of all sources, those included that are switched off, or that no method has `@OnSseEvent()` for.
   *
   * @throws SseSourcesNotReadyError before the modules are initialised
   */
  names(): string[] {
    return this.runtime.names;
  }

  /**
   * The subscription of a source. Closing it ends the source; consuming it shares the connection with the handlers, and
   * connects a source without any. It is closed when the application shuts down; one of a source that is switched off is
   * closed from the beginning. After {@link restart} it is another one.
   *
   * One of a source with a `lease` is there for as long as this instance holds it: it ends for whoever consumes it when the
   * lease is lost, quietly, and the next time it is another one. On standby it is closed: there is nothing to consume.
   *
   * @throws SseUnknownSourceError that names the sources that exist
   * @throws SseSourcesNotReadyError before the modules are initialised
   */
  get(name: string): SseSubscription {
    return this.runtime.get(name);
  }

  /**
   * Whether this instance is the one that follows a source: false on standby, that is while another instance has its `lease`,
   * or nobody knows, and when a source with a lease has stopped. Always true for a source without one.
   *
   * @throws SseUnknownSourceError that names the sources that exist
   * @throws SseSourcesNotReadyError before the modules are initialised
   */
  isHeld(name: string): boolean {
    return this.runtime.isHeld(name);
  }

  /**
   * How a source does, for health checks: the phase of its connection, why it waits or has failed, when its last event came.
   *
   * @throws SseUnknownSourceError that names the sources that exist
   * @throws SseSourcesNotReadyError before the modules are initialised
   */
  status(name: string): SseSourceStatus {
    return this.runtime.statusOf(name);
  }

  /**
   * Begins a source anew that has stopped, by a handler with `onFailure: 'stop'`, a final failure or `close()`: with
   * another subscription, from the cursor of the one before. One that has not stopped is ended first, as at a shutdown.
   * Nothing restarts a source by itself. One with a `lease` gives it up, and waits for it as others do.
   *
   * @returns resolves when the new subscription has begun to connect; a handler of this very source that waits for that is
   *   cut off after `stopTimeoutMs`
   * @throws SseUnknownSourceError that names the sources that exist
   * @throws SseSourcesNotReadyError before the application has started
   */
  restart(name: string): Promise<void> {
    return this.runtime.restart(name);
  }
}
