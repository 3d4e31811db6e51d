/**
 * What is sent in fan-out.mjs: how many streams, how many messages at once, of how many bytes, beside whom, and how often. The
 * largest is left out: the audience would have to keep a gigabyte.
 */

/**
 * @typedef {object} Shape
 * @property {number} streams
 * @property {number} burst
 * @property {number} bytes
 * @property {number} [rounds] instead of the plan's
 * @property {string[]} [without] subjects that would take minutes for it
 */

const NEST_FASTIFY = ['Nest, Fastify'];
const NEST = ['Nest, Express', ...NEST_FASTIFY];
const UNBATCHED = ['better-sse', ...NEST];

/** @type {Shape[]} */
export const SHAPES = [
  { streams: 100, burst: 1, bytes: 100, rounds: 3 },
  { streams: 100, burst: 10, bytes: 100, rounds: 3 },
  { streams: 100, burst: 100, bytes: 100, rounds: 3 },
  { streams: 1000, burst: 1, bytes: 100 },
  { streams: 1000, burst: 10, bytes: 100 },
  { streams: 1000, burst: 100, bytes: 100, rounds: 3, without: NEST },
  { streams: 10_000, burst: 1, bytes: 100, rounds: 3 },
  { streams: 10_000, burst: 10, bytes: 100, rounds: 3, without: NEST_FASTIFY },
  { streams: 10_000, burst: 100, bytes: 100, rounds: 2, without: UNBATCHED },
  { streams: 100, burst: 1, bytes: 1024, rounds: 3 },
  { streams: 100, burst: 10, bytes: 1024, rounds: 3 },
  { streams: 100, burst: 100, bytes: 1024, rounds: 3, without: NEST },
  { streams: 1000, burst: 1, bytes: 1024 },
  { streams: 1000, burst: 10, bytes: 1024, rounds: 3 },
  { streams: 1000, burst: 100, bytes: 1024, rounds: 3, without: UNBATCHED },
  { streams: 10_000, burst: 1, bytes: 1024, rounds: 3 },
  { streams: 10_000, burst: 10, bytes: 1024, rounds: 2, without: UNBATCHED },
];

/** @type {Shape[]} */
export const QUICK_SHAPES = [{ streams: 300, burst: 10, bytes: 100, without: ['better-sse batched', ...NEST_FASTIFY] }];

/** @param {Shape} shape */
export function titleOf({ streams, burst, bytes }) {
  return `${streams.toLocaleString('en')} streams, bursts of ${burst}, ${bytes.toLocaleString('en')} B`;
}
