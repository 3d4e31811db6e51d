/**
 * All benchmarks in the order in which they run: what each is about, how many minutes it takes on two cores, and its sizes, in
 * the whole form and in the quick one. Other sizes can be set in the environment; each benchmark says by which names.
 *
 * @typedef {object} Plan
 * @property {string} about
 * @property {number} minutes
 * @property {boolean} [needsRedis]
 * @property {Record<string, number>} [whole]
 * @property {Record<string, number>} [quick]
 */

/** @type {Record<string, Plan>} */
export const plans = {
  codec: {
    about: 'decoding six kinds of stream in chunks of four sizes, and encoding; beside other parsers and encoders',
    minutes: 2,
    whole: { rounds: 15, warmUp: 5, corpusBytes: 2_000_000, encodedBytes: 20_000_000 },
    quick: { rounds: 9, warmUp: 10, corpusBytes: 600_000, encodedBytes: 2_000_000 },
  },
  push: {
    about: 'pushing to one stream, encoding included, as fast as its client reads',
    minutes: 2,
    whole: { rounds: 7, warmUp: 2, messages: 100_000 },
    quick: { rounds: 2, warmUp: 1, messages: 20_000 },
  },
  'fan-out': {
    about: 'sending every message to many streams: CPU, latency and stalls of the server',
    minutes: 12,
    whole: { rounds: 5, warmUp: 1, roundMs: 300 },
    quick: { rounds: 2, warmUp: 0, roundMs: 150 },
  },
  receiver: {
    about: 'receiving, from the socket to the message: one stream in bulk, and fifty at a pace',
    minutes: 5,
    whole: { rounds: 3, warmUp: 1, events: 1_000_000, pacedWarmUpSeconds: 4, pacedSeconds: 2 },
    quick: { rounds: 1, warmUp: 0, events: 200_000, pacedWarmUpSeconds: 0.1, pacedSeconds: 0.1 },
  },
  redis: {
    about: 'publishing in one process and delivering in another, through Redis',
    minutes: 5,
    needsRedis: true,
    whole: { rounds: 5, warmUp: 1, messages: 20_000, inFlight: 2000, paced: 300 },
    quick: { rounds: 3, warmUp: 1, messages: 8000, inFlight: 1000, paced: 20 },
  },
  idle: {
    about: 'open streams with nothing but pings: memory of each, and CPU of a ping',
    minutes: 5,
    whole: { rounds: 2, warmUp: 0, streams: 10_000, warmUpStreams: 1000, pingMs: 5000, periods: 1 },
    quick: { rounds: 1, warmUp: 0, streams: 300, warmUpStreams: 50, pingMs: 100, periods: 2 },
  },
  connect: {
    about: 'opening a stream and closing it again',
    minutes: 2,
    whole: { rounds: 5, warmUp: 1, streams: 3000, clients: 64 },
    quick: { rounds: 1, warmUp: 1, streams: 200, clients: 32 },
  },
  replay: {
    about: 'a thousand clients that come back for a thousand messages each',
    minutes: 3,
    whole: { rounds: 3, warmUp: 1, clients: 1000, messages: 1000 },
    quick: { rounds: 1, warmUp: 1, clients: 50, messages: 200 },
  },
  growth: {
    about: 'whether costs stay flat as streams and channels grow, and linear as messages do',
    minutes: 4,
    whole: { rounds: 3, warmUp: 0, streams: 19_000, channels: 100_000, messageBytes: 100_000_000, roundMs: 200 },
    quick: { rounds: 1, warmUp: 0, streams: 300, channels: 10_000, messageBytes: 1_000_000, roundMs: 50 },
  },
};

/**
 * The sizes of a benchmark: the plan's, with those of them that the environment sets (`corpusBytes` as `CORPUS_BYTES`).
 *
 * @param {string} name
 * @param {import('./contract.mjs').Settings} settings
 * @param {Record<string, string | undefined>} [environment]
 * @throws if what is set is not a number
 */
export function sizesOf(name, { quick, rounds }, environment = process.env) {
  const planned = plans[name]?.[quick ? 'quick' : 'whole'] ?? {};
  const sizes = Object.entries({ ...planned, ...(rounds === undefined ? {} : { rounds }) });
  return Object.fromEntries(
    sizes.map(([size, value]) => {
      const variable = size.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
      const number = Number(environment[variable] ?? value);
      if (!(number >= 0)) throw new Error(`${variable} must be a number, got ${environment[variable]}`);
      return [size, number];
    }),
  );
}

/** Whether this table is one of those that were asked for. @param {import('./contract.mjs').Settings} settings @param {string} title */
export function isWanted({ only = [] }, title) {
  const plain = title.toLowerCase();
  return only.length === 0 || only.some((word) => plain.includes(word.toLowerCase()));
}
