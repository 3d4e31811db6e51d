import { Logger } from '@nestjs/common';

/** Tells whoever operates it what becomes of the connection: a line when it breaks, a line when it is back. */
export class FeedLog {
  readonly #logger = new Logger('RedisBackplane');
  #cutOffAt: number | undefined;
  #troubled = false;

  cutOff(reason: string): void {
    if (this.#cutOffAt === undefined) {
      this.#cutOffAt = performance.now();
      this.#logger.warn(
        `Nothing comes from Redis any more (${reason}). Open streams stay open; trying to get it back.`,
      );
    }
  }

  back(): void {
    if (this.#cutOffAt !== undefined) {
      const seconds = Math.round((performance.now() - this.#cutOffAt) / 1000);
      this.#cutOffAt = undefined;
      this.#logger.log(`Redis is back after ${seconds} s; what was missed and is still kept was delivered.`);
    }
    this.#troubled = false;
  }

  /** What is not to be expected: said once, until it works again. */
  trouble(error: unknown): void {
    if (!this.#troubled) {
      this.#troubled = true;
      this.#logger.error(`Redis cannot be followed, trying again: ${(error as Error).message}`);
    }
  }
}
