import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Settings {
  readonly host: string;
  readonly port: number;
  /** One for each port, so that samples that run side by side do not share it. */
  readonly historyFile: string;
  /** What pages are told of who serves them: `instance 2`, `process 4711`. */
  readonly servedBy: string;
  /** The Redis that joins several of these. Without one, each stands alone. */
  readonly redisUrl: string | undefined;
}

/** @throws RangeError for a PORT that is none */
export function readSettings({ HOST, PORT, INSTANCE, REDIS_URL }: NodeJS.ProcessEnv): Settings {
  const port = PORT ? Number(PORT) : 3000;
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`PORT must be a number from 0 to 65535, not "${PORT}"`);
  }
  const historyFile = join(tmpdir(), `nestjs-event-stream-sample-${port}.jsonl`);
  const servedBy = INSTANCE ? `instance ${INSTANCE}` : `process ${process.pid}`;
  return { host: HOST || '127.0.0.1', port, historyFile, servedBy, redisUrl: REDIS_URL || undefined };
}
