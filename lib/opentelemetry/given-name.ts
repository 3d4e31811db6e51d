import { Logger } from '@nestjs/common';
import { messageOf } from '../pusher/internal.js';

/** Asks a function of the application for a name. One that throws, or gives no text, must not hurt what is measured. */
export class GivenName<T> {
  #hasFailed = false;

  constructor(
    private readonly option: string,
    private readonly ask: ((value: T) => string | undefined) | undefined,
    private readonly logger = new Logger('SseOpenTelemetry'),
  ) {}

  /** @returns undefined where there is no name */
  of(value: T): string | undefined {
    try {
      const name: unknown = this.ask?.(value);
      return typeof name === 'string' ? name : undefined;
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Once: it would be so for every message. */
  #fail(error: unknown): void {
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      this.logger.error(`The option ${this.option} failed, and what it is to name has no name: ${messageOf(error)}`);
    }
  }
}
