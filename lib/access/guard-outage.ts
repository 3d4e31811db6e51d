import { Logger } from '@nestjs/common';
import { messageOf } from '../pusher/internal.js';

/** Says once that guards cannot tell who may stay, and once that they can again, however many streams there are. */
export class GuardOutage {
  readonly #logger = new Logger('SseReauthorize');
  #isThere = false;

  failed(error: unknown): void {
    if (!this.#isThere) {
      this.#isThere = true;
      const stack = error instanceof Error ? error.stack : undefined;
      const what = `Who may keep a stream cannot be told for now; each is tried a few times, and then closed`;
      this.#logger.error(`${what}: ${messageOf(error)}`, stack);
    }
  }

  worked(): void {
    if (this.#isThere) {
      this.#isThere = false;
      this.#logger.log('Who may keep a stream can be told again');
    }
  }
}
