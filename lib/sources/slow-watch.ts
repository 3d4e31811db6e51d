import type { Delivery } from './delivery.js';

/** Tells of a message that is not done after some time. One timer for all messages: there are many, and few are slow. */
export class SlowWatch {
  private current: Delivery | undefined;
  private since = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param limitMs 0 = never */
  constructor(
    private readonly limitMs: number,
    private readonly onSlow: (delivery: Delivery) => void,
  ) {}

  /** Takes the place of the delivery before, which is over. */
  watch(delivery: Delivery): void {
    if (this.limitMs === 0) return;
    this.current = delivery;
    this.since = performance.now();
    if (!this.timer) this.look(this.limitMs);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.current = undefined;
  }

  private look(afterMs: number): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (!this.current || this.current.isOver) return;
      const leftMs = this.limitMs - (performance.now() - this.since);
      if (leftMs > 0) this.look(Math.ceil(leftMs));
      else this.onSlow(this.current);
    }, afterMs);
    this.timer.unref();
  }
}
