import { createHash } from 'node:crypto';
import type { RedisLink } from './redis-link.js';

/** A script that runs in the server: sent by its digest, and whole when the server does not know it (any more). */
export class RedisScript {
  readonly #lua: string;
  readonly #digest: string;

  constructor(lua: string) {
    this.#lua = lua;
    this.#digest = createHash('sha1').update(lua).digest('hex');
  }

  async run(link: RedisLink, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await link.send(['EVALSHA', this.#digest, ...rest]);
    } catch (error) {
      // The server never began with it, so nothing is done twice.
      if (!(error as Error).message.startsWith('NOSCRIPT')) {
        throw error;
      }
      return link.send(['EVAL', this.#lua, ...rest]);
    }
  }
}
