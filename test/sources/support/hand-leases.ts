import type { SseLease, SseLeases, SseLeaseWait } from '../../../lib/sources/index.js';
import { Arrivals } from './arrivals.js';

/** A lease that a test gives, and takes away. */
export class HandLease implements SseLease {
  readonly aborter = new AbortController();
  readonly signal: SseLease['signal'] = this.aborter.signal;
  isOurs = true;
  released = 0;

  isHeld(): boolean {
    return this.isOurs;
  }

  lose(reason: Error): void {
    this.isOurs = false;
    this.aborter.abort(reason);
  }

  async release(): Promise<void> {
    this.isOurs = false;
    this.released += 1;
  }
}

/** Gives a source to whoever asks when the test says so. */
export class HandLeases implements SseLeases {
  readonly asked = new Arrivals<SseLeaseWait>();
  private give: (lease: SseLease) => void = () => {};

  acquire(_source: string, wait: SseLeaseWait): Promise<SseLease> {
    return new Promise((resolve, reject) => {
      this.give = resolve;
      wait.signal.addEventListener('abort', () => reject(wait.signal.reason));
      this.asked.add(wait);
    });
  }

  /** Gives it to whoever asked last, that is for the n-th time (from 1). */
  async grant(count = 1): Promise<HandLease> {
    await this.asked.count(count);
    const lease = new HandLease();
    this.give(lease);
    return lease;
  }
}
