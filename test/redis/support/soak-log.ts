import type { Redis } from 'ioredis';
import { RedisKeys } from '../../../lib/redis/redis-keys.js';

export interface Logged {
  readonly seq: number;
  readonly channel: string;
  readonly data: string;
}

/** What Redis was really given, read often enough that nothing of it is forgotten meanwhile. */
export class SoakLog {
  readonly messages: Logged[] = [];
  readonly #last = new Map<string, string>();
  readonly #keys = new RedisKeys('soak');

  constructor(
    private readonly redis: Redis,
    private readonly channels: readonly string[],
  ) {}

  async read(): Promise<void> {
    await Promise.all(this.channels.map((channel) => this.#read(channel)));
  }

  /** What a stream that follows these channels was to get, in order. */
  of(channels: ReadonlySet<string>): Logged[] {
    return this.messages.filter(({ channel }) => channels.has(channel)).sort((a, b) => a.seq - b.seq);
  }

  async #read(channel: string): Promise<void> {
    const from = this.#last.get(channel);
    const entries = await this.redis.xrange(this.#keys.channel(channel), from ? `(${from}` : '-', '+');
    for (const [id, fields] of entries) {
      const text = fields[fields.indexOf('m') + 1] ?? '';
      this.messages.push({ seq: Number.parseInt(id, 10), channel, data: /^data: (.*)$/m.exec(text)?.[1] ?? '' });
      this.#last.set(channel, id);
    }
  }
}
