import { assertOptions, durationMs, findOptionProblems } from '../protocol/internal.js';
import { SseCursorError, type SseCursorStore, type SseStoredCursor } from '../receiver/index.js';
import { fencedOff, unreadable } from '../receiver/internal.js';
import { CONNECTION_RULES, findConnectionProblems, type RedisConnectionOptions } from './check-redis-options.js';
import { RedisKeys } from './redis-keys.js';
import { runInTime, type ScriptCall } from './run-in-time.js';
import { LOAD_CURSOR, SAVE_CURSOR } from './scripts/cursor.js';
import { SharedLink } from './shared-link.js';
import { fromRedis, toRedis } from './text-in-redis.js';

/** Options of {@link redisCursorStore}. */
export interface RedisCursorStoreOptions extends RedisConnectionOptions {
  /** What all keys begin with, in braces: 1 to 64 letters, digits, and `_ . : -`. Default `sse`. */
  readonly prefix?: string | undefined;
  /** After how many milliseconds a load or save that Redis has not answered fails. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Keeps cursors in Redis, for any number of instances: who has loaded a source last may save it. Each is a hash,
 * `{<prefix>}:s:<source>`, that never expires: a cursor that is gone would lose messages. Remove it with `DEL` when its source
 * is followed no more. How safe a saved cursor is, is how safe Redis keeps it (`appendonly`, replicas); an evicting Redis
 * (`maxmemory-policy allkeys-*`) is no place for it.
 *
 * Loads and saves reject with an `SseCursorError`: `fenced`, `unreadable`, or `unavailable` within `timeoutMs`. A connection
 * by `url` is there while a source is followed; a client stays its owner's to close.
 *
 * @throws SseOptionsError naming everything that is wrong with the options
 * @example
 * const cursorStore = redisCursorStore({ url: 'redis://localhost:6379' });
 * const orders = receiver.subscribe('https://example.com/orders', { name: 'orders', cursorStore });
 */
export function redisCursorStore(options: RedisCursorStoreOptions): SseCursorStore {
  assertOptions([
    ...findOptionProblems<RedisCursorStoreOptions>(options, { ...CONNECTION_RULES, timeoutMs: durationMs({ min: 1 }) }),
    ...findConnectionProblems(options),
  ]);
  const { url, client, prefix = 'sse', timeoutMs = 10_000 } = options;
  return new RedisCursorStore(new SharedLink({ url, client }), new RedisKeys(prefix), timeoutMs);
}

class RedisCursorStore implements SseCursorStore {
  readonly #link: SharedLink;
  readonly #keys: RedisKeys;
  readonly #timeoutMs: number;
  /** By the sources that are followed: what lets go of the link. */
  readonly #followed = new Map<string, () => void>();

  constructor(link: SharedLink, keys: RedisKeys, timeoutMs: number) {
    this.#link = link;
    this.#keys = keys;
    this.#timeoutMs = timeoutMs;
  }

  async load(source: string): Promise<SseStoredCursor> {
    if (!this.#followed.has(source)) this.#followed.set(source, this.#link.join());
    const [fence, id] = (await this.#run(source, { script: LOAD_CURSOR, args: [] })) as [string, string?];
    return { fence: Number(fence), ...(id !== undefined && { lastEventId: this.#idFrom(id, source) }) };
  }

  async save(source: string, lastEventId: string, fence: number): Promise<void> {
    const args = [toRedis(lastEventId), String(fence)];
    if ((await this.#run(source, { script: SAVE_CURSOR, args })) === 0) throw fencedOff(source);
  }

  release(source: string): void {
    this.#followed.get(source)?.();
    this.#followed.delete(source);
  }

  async #run(source: string, call: Omit<ScriptCall, 'keys'>): Promise<unknown> {
    const leave = this.#link.join();
    try {
      const keys = [this.#keyOf(source)];
      return await runInTime(await this.#link.get(), { ...call, keys }, this.#timeoutMs);
    } catch (cause) {
      if (/WRONGTYPE|UNREADABLE/.test((cause as Error).message)) {
        throw unreadable(source, this.#placeOf(source), cause);
      }
      const problem = `Redis did not do what was asked for the cursor of ${JSON.stringify(source)}; see the cause`;
      throw new SseCursorError('unavailable', source, problem, { cause });
    } finally {
      leave();
    }
  }

  #idFrom(stored: string, source: string): string {
    try {
      return fromRedis(stored);
    } catch (cause) {
      throw unreadable(source, this.#placeOf(source), cause);
    }
  }

  #keyOf(source: string): string {
    return this.#keys.cursor(toRedis(source));
  }

  #placeOf(source: string): string {
    return `the hash ${JSON.stringify(this.#keyOf(source))} of Redis`;
  }
}
