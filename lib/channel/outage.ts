import { Logger } from '@nestjs/common';
import { isSseError } from '../protocol/index.js';
import type { SseBackplaneError } from './backplane.error.js';

/** Whether something failed because the backplane is away: what is to be done then is to wait. */
export function isOutage(error: unknown): error is SseBackplaneError {
  // Not by its class: a backplane may come with another copy of the package.
  return isSseError(error) && error.code === 'SSE_BACKPLANE';
}

/** Says once that channels cannot be opened, and once that they can again, however many streams there are. */
export class OutageLog {
  readonly #logger = new Logger('SseChannels');
  #isAway = false;

  failed(error: unknown): void {
    if (isOutage(error) && error.reason !== 'stopped' && !this.#isAway) {
      this.#isAway = true;
      this.#logger.error(`Streams are turned away for now, for their channels cannot be opened: ${error.message}`);
    }
  }

  worked(): void {
    if (this.#isAway) {
      this.#isAway = false;
      this.#logger.log('Channels can be opened again');
    }
  }
}
