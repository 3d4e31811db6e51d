import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainListening } from '../explain-listening.js';
import type { Settings } from '../settings.js';
import { Front } from './front.js';
import { startOwnRedis } from './own-redis.js';
import { RunningInstance } from './running-instance.js';

const NAMES = ['1', '2', '3'];

/**
 * Runs some instances of the sample behind one address, joined by a Redis, until it is told to end.
 *
 * @throws Error, with lines to show, when there is no Redis, or the port cannot be had
 */
export async function runCluster({ host, port, redisUrl }: Settings): Promise<void> {
  const ending = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-event-stream-cluster-'));
  const cleanUps = [() => rm(folder, { recursive: true, force: true })];
  try {
    const redis = redisUrl ? undefined : await startOwnRedis(folder);
    if (redis) cleanUps.push(() => redis.stop());
    const instances = NAMES.map((name) => new RunningInstance(name, redisUrl ?? redis!.url, folder, tell));
    const front = new Front(instances);
    const url = await front.listen(port, host).catch((error: NodeJS.ErrnoException) => {
      throw new Error(explainListening(error, port, 'npm run sample:cluster'), { cause: error });
    });
    console.log(`
This machine, live, by ${NAMES.length} instances:  ${url}   (Ctrl+C ends them)

Open the page, see by which instance it is served, and kill that one: the page moves to another, and no notice is lost.
`);
    cleanUps.push(async () => front.close());
    cleanUps.push(() => Promise.all(instances.map((instance) => instance.stop())).then(() => {}));
    for (const instance of instances) instance.start();
    await ending;
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

function tell(line: string): void {
  console.log(`${new Date().toLocaleTimeString('en-GB')}  ${line}`);
}
