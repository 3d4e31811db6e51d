import { Child } from './suite/child.mjs';

const PROGRAM = new URL('./redis-process.mjs', import.meta.url);

/** @typedef {{ perSecond: number, cpuUs: number, redisUs: number, p50: number, p99: number, calls: number }} Run */
/** @typedef {{ run?: number, inFlight?: number, perSecond?: number, bytes: number }} Order */

/** Two processes that are joined by Redis, one that publishes and one that listens, and what is asked of them. */
export class RedisPair {
  #listener;
  #publisher;
  #admin;

  /**
   * @param {string} url
   * @param {import('ioredis').Redis} admin
   * @param {string} subject
   * @param {{ channels: number, subscribers?: number }} counts subscribers of each channel
   */
  static async start(url, admin, subject, { channels, subscribers = 1 }) {
    const [listener, publisher] = ['listen', 'publish'].map((role) => {
      return new Child(PROGRAM, [role, subject, url, channels, subscribers]);
    });
    const pair = new RedisPair(/** @type {Child} */ (listener), /** @type {Child} */ (publisher), admin);
    await Promise.all([listener?.heard(), publisher?.heard()]);
    return pair;
  }

  /** @param {Child} listener @param {Child} publisher @param {import('ioredis').Redis} admin */
  constructor(listener, publisher, admin) {
    this.#listener = listener;
    this.#publisher = publisher;
    this.#admin = admin;
  }

  /** @param {Order} order @param {number} count @returns {Promise<Run>} */
  async run(order, count) {
    const [redisBefore, callsBefore] = [await this.#redisCpuUs(), await this.#calls()];
    const { at: from } = await this.#listener.ask({ count });
    const published = this.#publisher.ask({ run: 1, ...order, count });
    const [{ at: until, cpuUs: listenerUs, p50, p99 }, { cpuUs: publisherUs }] = await Promise.all([
      this.#listener.heard(),
      published,
    ]);
    const redisUs = (await this.#redisCpuUs()) - redisBefore;
    return {
      perSecond: (count / (until - from)) * 1e6,
      cpuUs: (listenerUs + publisherUs + redisUs) / count,
      redisUs: redisUs / count,
      p50,
      p99,
      calls: (await this.#calls()) - callsBefore,
    };
  }

  stop() {
    this.#listener.stop();
    this.#publisher.stop();
  }

  async #redisCpuUs() {
    const info = await this.#admin.info('cpu');
    return [...info.matchAll(/used_cpu_(?:user|sys):([\d.]+)/g)].reduce(
      (sum, [, value]) => sum + Number(value) * 1e6,
      0,
    );
  }

  async #calls() {
    const stats = await this.#admin.info('commandstats');
    return Number(/cmdstat_evalsha:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  }
}
