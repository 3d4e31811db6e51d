import { type SseOptionProblem, SseOptionsError } from '../protocol/index.js';
import { describe } from '../protocol/internal.js';
import { isPromise } from './is-promise.js';

/** Whose stream it is, in as many ways as there are names: `{ user: '7', tenant: 'acme' }`. */
export type SseStreamKeys = Readonly<Record<string, string>>;

/** What the option `keys` may give: what is `undefined` or `null` is left out, numbers count as their text. */
export type SseStreamKeysReader = (request: any) => Readonly<Record<string, string | number | undefined | null>>;

const NO_KEYS: SseStreamKeys = Object.freeze({});

/**
 * Asks whose stream a request is about to open.
 *
 * @param request of the framework, as guards have left it
 * @throws SseOptionsError for what is no such object: an object that was taken for a text would be one key for all
 */
export function readKeys(reader: SseStreamKeysReader | undefined, request: unknown): SseStreamKeys {
  if (!reader) {
    return NO_KEYS;
  }
  const given: unknown = reader(request);
  if (isPromise(given)) {
    // Nobody else would take its rejection, which would end the process.
    Promise.resolve(given).catch(() => {});
    throw new SseOptionsError([{ option: 'keys', problem: 'must return an object at once, returned a promise' }]);
  }
  if (typeof given !== 'object' || given === null) {
    throw new SseOptionsError([{ option: 'keys', problem: `must return an object, returned ${describe(given)}` }]);
  }
  const problems: SseOptionProblem[] = [];
  const keys: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string' || typeof value === 'number') {
      keys[name] = String(value);
    } else if (value !== undefined && value !== null) {
      problems.push({ option: `keys.${name}`, problem: `must be a string or a number, is ${describe(value)}` });
    }
  }
  if (problems.length > 0) {
    throw new SseOptionsError(problems);
  }
  return Object.freeze(keys);
}
