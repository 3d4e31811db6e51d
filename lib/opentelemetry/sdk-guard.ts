import { Logger } from '@nestjs/common';
import { messageOf } from '../pusher/internal.js';

/**
 * Between what is observed and who is told: span processors, samplers, propagators and views are code of the application, and
 * SDKs pass on what these throw. It must end no stream, and keep no message from anybody.
 */
export class SdkGuard {
  #hasFailed = false;

  constructor(private readonly logger = new Logger('SseOpenTelemetry')) {}

  /** @returns undefined where it has failed */
  run<T>(tell: () => T): T | undefined {
    try {
      return tell();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Once: it would be so for every message. */
  #fail(error: unknown): void {
    if (!this.#hasFailed) {
      this.#hasFailed = true;
      this.logger.error(`OpenTelemetry failed, and what it was told is lost: ${messageOf(error)}`);
    }
  }
}
