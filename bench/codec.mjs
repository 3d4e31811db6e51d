/**
 * How fast the codec is, beside others. Decoding: MB/s, for six kinds of stream in chunks of four sizes. Encoding: the cost
 * of `{id, event, object}` to bytes, beside bare `JSON.stringify` of the object. Each subject has a process of its own.
 *
 * In the environment: ROUNDS, WARM_UP, CORPUS_BYTES, ENCODED_BYTES, and other builds: CODEC (our protocol/index.js) and PARSER
 * (a module of eventsource-parser).
 */
import { decodingTables } from './codec-decoding.mjs';
import { encodingTable } from './codec-encoding.mjs';
import { isWanted, sizesOf } from './suite/plan.mjs';

const ENCODING = 'Encoding {id, event, object}';

/** @type {import('./suite/contract.mjs').Benchmark} */
export default async function* codec(settings) {
  const sizes = /** @type {any} */ (sizesOf('codec', settings));
  yield* decodingTables(settings, sizes);
  if (isWanted(settings, ENCODING)) yield await encodingTable(ENCODING, sizes);
}
