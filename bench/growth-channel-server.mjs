import { Crowd } from './idle-crowd.mjs';
import { Child } from './suite/child.mjs';

const PROGRAM = new URL('./growth-channel-process.mjs', import.meta.url);

/**
 * Some channels, evenly spread over the first so many.
 *
 * @typedef {{ channels: number, count: number, prefix?: string, from?: number, times?: number }} Some `from`: the first of them, 0
 *   if not said; `times`: how many messages each gets, 1 if not said
 */

/** A process with channels, and the streams that this one has opened there. */
export class ChannelServer {
  #child;
  #port;
  /** @type {Crowd | undefined} */
  #crowd;
  #blocksBefore = 0;

  /** @param {{ events: number }} history of each channel */
  static async start({ events }) {
    const child = new Child(PROGRAM, [events], { execArgv: [...process.execArgv, '--expose-gc'] });
    return new ChannelServer(child, await child.heard());
  }

  /** @param {Child} child @param {number} port */
  constructor(child, port) {
    this.#child = child;
    this.#port = port;
  }

  /** Settles when all of them are published. @param {Some} some */
  publish(some) {
    return this.#child.ask({ ask: 'publish', of: some });
  }

  /** Opens a stream on each of them, and settles when it has begun. @param {Some} some */
  async follow({ channels, count, prefix = 'job' }) {
    const paths = Array.from({ length: count }, (_, n) => `/${prefix}:${Math.floor((n * channels) / count)}`);
    this.#crowd = await Crowd.open(this.#port, paths, count);
    // Something may be under way that belongs to the beginning.
    await this.#child.ask({ ask: 'rested' });
    this.#blocksBefore = this.#crowd.blocks;
  }

  /** Waits for so many messages to have come, to all streams together. @param {number} messages */
  async delivered(messages) {
    while (this.#crowd && this.#crowd.blocks - this.#blocksBefore < messages) await this.#crowd.listen(1);
  }

  async leave() {
    this.#crowd?.leave();
    await this.#child.ask({ ask: 'rest' });
  }

  /** What an action takes of the server's CPU, in microseconds. @param {() => Promise<unknown>} action */
  async cpuUs(action) {
    const before = await this.#child.ask({ ask: 'cpu' });
    await action();
    return ((await this.#child.ask({ ask: 'cpu' })) - before) * 1000;
  }

  /** Bytes of heap and buffers. @returns {Promise<number>} */
  async heap() {
    return (await this.#child.ask({ ask: 'memory' })).heap;
  }

  stop() {
    this.#child.stop();
  }
}
