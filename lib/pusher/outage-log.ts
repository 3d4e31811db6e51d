import type { Logger } from '@nestjs/common';

/** Says once that something is away, and once that it is back, however many streams meet with it. */
export class OutageLog {
  #isAway = false;

  /** @param back what is said when it is back */
  constructor(
    private readonly logger: Logger,
    private readonly back: string,
  ) {}

  failed(what: string, stack?: string): void {
    if (!this.#isAway) {
      this.#isAway = true;
      const details = stack === undefined ? [] : [stack];
      this.logger.error(what, ...details);
    }
  }

  worked(): void {
    if (this.#isAway) {
      this.#isAway = false;
      this.logger.log(this.back);
    }
  }
}
