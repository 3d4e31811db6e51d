import type { SseSubscription } from '../receiver/index.js';
import type { OpenSource } from './open-sources.js';
import type { RunningSource } from './running-source.js';
import type { SourceHandler } from './source-handler.js';
import { SourceLog } from './source-log.js';
import { SourceRunner } from './source-runner.js';
import { type SseSourceStatus, statusOf } from './source-status.js';

/** A source that is followed whatever other instances do: over as many subscriptions as it is restarted. */
export class FollowedSource implements RunningSource {
  readonly isHeld = true;
  private readonly log: SourceLog;
  private current: SseSubscription;
  private runner: SourceRunner | undefined;
  private hasEnded = false;

  constructor(
    private readonly source: OpenSource,
    private readonly handlers: readonly SourceHandler[],
    private readonly random: () => number,
  ) {
    this.log = new SourceLog(source.name, source.keepsCursor);
    this.current = source.subscription;
  }

  get subscription(): SseSubscription {
    return this.current;
  }

  get status(): SseSourceStatus {
    if (!this.source.isEnabled) return { state: 'disabled' };
    return statusOf(this.current, this.runner);
  }

  begin(): void {
    if (!this.source.isEnabled) this.log.disabled();
    else if (this.handlers.length === 0) this.log.unused();
    else this.run();
  }

  async end(): Promise<void> {
    this.hasEnded = true;
    await this.runner?.end();
  }

  /** Ends the subscription, and begins another from its cursor. */
  async restart(): Promise<void> {
    const before = this.current;
    await this.runner?.end({ isResumed: true });
    await before.close();
    // The application may have been shut down meanwhile, or somebody else may have done it.
    if (this.hasEnded || this.current !== before) return;
    this.current = this.source.subscribe(before.lastEventId);
    if (this.runner) this.run();
  }

  private run(): void {
    this.runner = new SourceRunner(this.current, this.handlers, this.source, { log: this.log, random: this.random });
    void this.runner.begin();
  }
}
