/** What is sent in fan-out.mjs: how many streams, how many messages at once, of how many bytes, beside whom, and how often. */

/**
 * @typedef {object} Shape
 * @property {number} streams
 * @property {number} burst
 * @property {number} bytes
 * @property {number} [rounds] instead of the plan's
 * @property {string[]} [without] subjects that would take minutes for it
 */

const SLOW = ['better-sse', 'Nest, Express', 'Nest, Fastify'];
const NEST_FASTIFY = ['Nest, Fastify'];

/** @type {Shape[]} */
export const SHAPES = [
  { streams: 100, burst: 1, bytes: 100 },
  { streams: 100, burst: 10, bytes: 100 },
  { streams: 100, burst: 100, bytes: 100 },
  { streams: 1000, burst: 1, bytes: 100 },
  { streams: 1000, burst: 10, bytes: 100 },
  { streams: 1000, burst: 100, bytes: 100, rounds: 3, without: NEST_FASTIFY },
  { streams: 10_000, burst: 1, bytes: 100, rounds: 3 },
  { streams: 10_000, burst: 10, bytes: 100, rounds: 3, without: NEST_FASTIFY },
  { streams: 10_000, burst: 100, bytes: 100, rounds: 2, without: SLOW },
  { streams: 100, burst: 1, bytes: 1024 },
  { streams: 100, burst: 10, bytes: 1024 },
  { streams: 100, burst: 100, bytes: 1024, rounds: 3 },
  { streams: 1000, burst: 1, bytes: 1024 },
  { streams: 1000, burst: 10, bytes: 1024, rounds: 3 },
  { streams: 1000, burst: 100, bytes: 1024, rounds: 2, without: SLOW },
  { streams: 10_000, burst: 1, bytes: 1024, rounds: 3 },
  { streams: 10_000, burst: 10, bytes: 1024, rounds: 2, without: SLOW },
];

/** @type {Shape[]} */
export const QUICK_SHAPES = [{ streams: 300, burst: 10, bytes: 100, without: ['better-sse batched', ...NEST_FASTIFY] }];

/** @param {Shape} shape */
export function titleOf({ streams, burst, bytes }) {
  return `${streams.toLocaleString('en')} streams, bursts of ${burst}, ${bytes.toLocaleString('en')} B`;
}
