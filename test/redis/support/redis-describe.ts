import { spawnSync } from 'node:child_process';
import { afterAll, describe } from '@jest/globals';
import { REDIS_SERVER, RedisServer } from './redis-server.js';

const { REDIS_URL } = process.env;
const HOW_TO_GET_IT = 'Install Redis 7 or later, such that "redis-server" is on the PATH (Debian: "redis-server")';

/** A suite that breaks or restarts its {@link RedisServer}, and so needs the program even where REDIS_URL is set. */
export function describeWithOwnRedis(name: string, body: () => void): void {
  whereIt(canStart(`${HOW_TO_GET_IT}; a REDIS_URL is not enough, for they restart it.`), name, body);
}

/** A suite that needs any Redis, which {@link redisUrl} tells. Others use it too: take key names of your own. */
export function describeWithRedis(name: string, body: () => void): void {
  whereIt(canHaveRedis(), name, body);
}

/** Whether {@link redisUrl} can tell one. */
export function canHaveRedis(): boolean {
  return Boolean(REDIS_URL) || canStart(`${HOW_TO_GET_IT}, or set REDIS_URL.`);
}

/** Within `describeWithRedis`: REDIS_URL, or else the url of a server that runs until the end of the suite. */
export async function redisUrl(): Promise<string> {
  return REDIS_URL || (await RedisServer.start()).url;
}

/** Where the tests must run, with CI=true, this says yes, and they fail without the program. */
function canStart(howTo: string): boolean {
  if (process.env['CI'] === 'true' || spawnSync(REDIS_SERVER, ['--version']).status === 0) return true;
  console.warn(`Tests with Redis are SKIPPED. ${howTo}`);
  return false;
}

function whereIt(can: boolean, name: string, body: () => void): void {
  (can ? describe : describe.skip)(name, () => {
    body();
    // After those of the body, which may still talk to it.
    afterAll(() => RedisServer.removeAll());
  });
}
