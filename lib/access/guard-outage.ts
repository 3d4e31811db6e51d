import { Logger } from '@nestjs/common';
import { messageOf, OutageLog } from '../pusher/internal.js';

/** Says that guards cannot tell who may stay, and that they can again. */
export class GuardOutage {
  readonly #log = new OutageLog(new Logger('SseReauthorize'), 'Who may keep a stream can be told again');

  failed(error: unknown): void {
    const what = 'Who may keep a stream cannot be told for now; each is tried a few times, and then closed';
    this.#log.failed(`${what}: ${messageOf(error)}`, error instanceof Error ? error.stack : undefined);
  }

  worked(): void {
    this.#log.worked();
  }
}
