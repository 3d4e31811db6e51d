import type { INestApplicationContext } from '@nestjs/common';
import { PUSHER_RUNTIME, type PusherRuntime } from '../../../lib/pusher/index.js';

/** How many streams of an application are not over yet: held, open, or ended and still being read. */
export function unfinishedStreams(app: INestApplicationContext): number {
  return app.get<PusherRuntime>(PUSHER_RUNTIME).ledger.unfinished().length;
}
