import { Audience } from './fan-out-client.mjs';
import { FLOOR } from './fan-out-targets.mjs';
import { Child } from './suite/child.mjs';
import { percentile } from './suite/statistics.mjs';

const PROGRAM = new URL('./fan-out-server.mjs', import.meta.url);
/** Does as the other one does, in C; it says no port where there is no compiler. */
const FLOOR_PROGRAM = new URL('./fan-out-floor.mjs', import.meta.url);
const SETTLING_MS = 200;

/** @typedef {{ cpuUs: number, perSecond: number, p50: number, p99: number, stallMs: number }} Run */

/** A server of fan-out.mjs, and the streams of the process that measures it. */
export class FanOutSubject {
  #child;
  #bytes;
  #port = Number.NaN;
  #published = 0;

  /** @param {string} name @param {number} bytes of a message */
  static async start(name, bytes) {
    const program = name === FLOOR ? FLOOR_PROGRAM : PROGRAM;
    const child = new Child(program, [name, bytes], { execArgv: [...process.execArgv, '--expose-gc'] });
    const { answer: port } = await child.heard();
    if (port !== undefined) return new FanOutSubject(child, bytes, port);
    child.stop();
    return undefined;
  }

  /** @param {Child} child @param {number} bytes @param {number} port */
  constructor(child, bytes, port) {
    this.#child = child;
    this.#bytes = bytes;
    this.#port = port;
  }

  /** @param {import('./fan-out-shapes.mjs').Shape} shape @param {number} roundMs @returns {Promise<Run>} */
  async run({ streams, burst }, roundMs) {
    const capacity = burst * (this.#bytes + 120);
    const audience = await Audience.open({ port: this.#port, path: '/news', count: streams, capacity });
    await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
    audience.settle();
    await this.#hear(audience, 1);
    await this.#ask('collect');
    const cpuBefore = await this.#ask('cpu');
    /** @type {number[]} */
    const arrivals = [];
    let ms = 0;
    let bursts = 0;
    for (; bursts === 0 || ms < roundMs; bursts++) {
      const burstArrivals = await this.#hear(audience, burst);
      for (const arrival of burstArrivals) arrivals.push(arrival);
      ms += burstArrivals.at(-1) ?? Number.NaN;
    }
    const cpuMs = (await this.#ask('cpu')) - cpuBefore;
    await this.#ask('watch');
    await this.#hear(audience, burst);
    const stallMs = await this.#ask('stall');
    audience.leave();
    await this.#ask('rest');
    arrivals.sort((a, b) => a - b);
    const deliveries = streams * burst * bursts;
    return {
      cpuUs: (cpuMs * 1000) / deliveries,
      perSecond: deliveries / (ms / 1000),
      p50: percentile(arrivals, 0.5),
      p99: percentile(arrivals, 0.99),
      stallMs,
    };
  }

  stop() {
    this.#child.stop();
  }

  /** @param {Audience} audience @param {number} burst */
  async #hear(audience, burst) {
    const arrivals = await audience.hear(() => this.#child.send({ publish: burst }), this.#published, burst);
    this.#published += burst;
    return arrivals;
  }

  /** @param {string} what @returns {Promise<number>} */
  async #ask(what) {
    return (await this.#child.ask({ ask: what })).answer;
  }
}
