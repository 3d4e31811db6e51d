import { SseCursorError, type SseSubscription } from '../receiver/index.js';
import type { SseLease, SseLeases } from './leases.js';
import type { OpenSource } from './open-sources.js';
import type { RunningSource } from './running-source.js';
import type { SourceHandler } from './source-handler.js';
import { SourceLog } from './source-log.js';
import { SourceRunner } from './source-runner.js';
import { type SseSourceStatus, statusOf } from './source-status.js';
import { pause } from './waiting.js';

/** How the time of this instance with a source is over. */
type TurnEnd = 'lost' | 'fenced' | 'stopped' | 'over';

/** So that two who use one cursor store, but not the same leases, do not take it from each other as fast as they can. */
const PAUSE_MS = 1_000;

/**
 * A source that several instances have, and one of them follows. Each time that it is this one's turn it has a subscription
 * of its own, which begins where the cursor is by then; in between, a closed one.
 */
export class LeasedSource implements RunningSource {
  private readonly log: SourceLog;
  private current: SseSubscription;
  private lease: SseLease | undefined;
  private stopping = new AbortController();
  private turns: Promise<void> | undefined;
  private runner: SourceRunner | undefined;
  /** Whether no other turn follows. */
  private isOver = false;
  private hasEnded = false;

  constructor(
    private readonly source: OpenSource,
    private readonly leases: SseLeases,
    private readonly handlers: readonly SourceHandler[],
    private readonly random: () => number,
  ) {
    this.log = new SourceLog(source.name, source.keepsCursor);
    this.current = source.subscription;
  }

  get subscription(): SseSubscription {
    return this.current;
  }

  get isHeld(): boolean {
    return this.lease?.isHeld() === true;
  }

  get status(): SseSourceStatus {
    if (!this.source.isEnabled) return { state: 'disabled' };
    if (!this.turns) return { state: 'idle' };
    const status = statusOf(this.current, this.runner);
    return this.isOver || this.isHeld ? status : onStandby(status);
  }

  begin(): void {
    if (!this.source.isEnabled) this.log.disabled();
    else if (this.handlers.length === 0) this.log.unused();
    else {
      if (!this.source.keepsCursor) this.log.leasedWithoutStore();
      this.queue();
    }
  }

  async end(): Promise<void> {
    this.hasEnded = true;
    await this.stop();
  }

  /** Ends the turn, and waits for another: which another instance may get first. */
  async restart(): Promise<void> {
    const before = this.turns;
    if (!before) return;
    await this.stop();
    // The application may have been shut down meanwhile, or somebody else may have done it.
    if (!this.hasEnded && this.turns === before) this.queue();
  }

  private queue(): void {
    this.stopping = new AbortController();
    this.isOver = false;
    this.turns = this.takeTurns(this.stopping.signal);
  }

  private async stop(): Promise<void> {
    this.stopping.abort();
    await this.turns;
  }

  private async takeTurns(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      const end = await this.takeTurn(stop);
      // It has stopped, for a reason that others may not have: let them try.
      this.isOver = end === 'over';
      if (this.isOver) return;
      if (end !== 'lost') await pause(PAUSE_MS, stop);
    }
  }

  private async takeTurn(stop: AbortSignal): Promise<TurnEnd | undefined> {
    const lease = await this.acquire(stop);
    if (!lease) return undefined;
    this.lease = lease;
    try {
      return await this.follow(lease, stop);
    } finally {
      await lease.release();
      this.lease = undefined;
    }
  }

  private async acquire(signal: AbortSignal): Promise<SseLease | undefined> {
    let isTroubled = false;
    const onTrouble = (error: unknown) => {
      if (!isTroubled) this.log.leaseTrouble(error);
      isTroubled = true;
    };
    const onStandby = (holder: string) => {
      isTroubled = false;
      this.log.standby(holder);
    };
    try {
      return await this.leases.acquire(this.source.name, { signal, onStandby, onTrouble });
    } catch (error) {
      if (!signal.aborted) onTrouble(error);
      return undefined;
    }
  }

  private async follow(lease: SseLease, stop: AbortSignal): Promise<TurnEnd> {
    // Gone with the turn, for the signal to stop lives as long as the application.
    const turn = new AbortController();
    const runner = this.beginTurn(lease);
    const end = await new Promise<TurnEnd>((resolve) => {
      void runner.begin().then((failure) => resolve(isFenced(failure) ? 'fenced' : 'over'));
      onAbort(lease.signal, turn.signal, () => resolve('lost'));
      onAbort(stop, turn.signal, () => resolve('stopped'));
    });
    if (end === 'lost') {
      this.log.leaseLost(lease.signal.reason);
      await runner.lose(lease.signal.reason);
    } else if (end === 'stopped') {
      // Handlers may take so long that it is lost meanwhile.
      onAbort(lease.signal, turn.signal, () => void runner.lose(lease.signal.reason));
      await runner.end({ isResumed: !this.hasEnded });
    }
    turn.abort();
    return end;
  }

  private beginTurn(lease: SseLease): SourceRunner {
    this.log.held();
    this.current = this.source.subscribe(this.current.lastEventId, lease);
    const turn = { isHeld: () => lease.isHeld(), isEndedBy: isFenced };
    this.runner = new SourceRunner(this.current, this.handlers, this.source, {
      log: this.log,
      random: this.random,
      turn,
    });
    return this.runner;
  }
}

/** How the last turn has ended concerns nobody any more. */
function onStandby({ lastEventAgeMs }: SseSourceStatus): SseSourceStatus {
  return { state: 'standby', ...(lastEventAgeMs !== undefined && { lastEventAgeMs }) };
}

function onAbort(signal: AbortSignal, over: AbortSignal, listener: () => void): void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true, signal: over });
}

function isFenced(failure: unknown): boolean {
  return failure instanceof SseCursorError && failure.reason === 'fenced';
}
