import type { SseOptionProblem } from '../protocol/index.js';
import { findOptionProblems, isObject, type OptionRules } from '../protocol/internal.js';
import { OpaquePositions } from './opaque-positions.js';
import { PlainPositions } from './plain-positions.js';
import type { Positions } from './positions.js';

/** The module option `cursor`. */
export interface SseCursorOptions {
  /**
   * Makes ids opaque: encrypted with a key that is derived of this secret, at least 32 bytes of what nobody can guess. The
   * same one in every process of an application. Of several, the first writes ids and all are tried on those that come back,
   * so that a new one can take over.
   */
  secret: string | readonly string[];
}

const MIN_SECRET_BYTES = 32;

const EXPECTED = `a string of at least ${MIN_SECRET_BYTES} random bytes, such as 'openssl rand -base64 32' gives`;

const RULES: OptionRules<SseCursorOptions> = {
  // No problem quotes the value: it may be a secret with a typing error.
  secret: (value) => {
    if (!Array.isArray(value)) {
      return isSecret(value) ? undefined : `must be ${EXPECTED}, or an array of these`;
    }
    const wrong = value.findIndex((each) => !isSecret(each));
    if (value.length === 0) {
      return `must have at least one secret, ${EXPECTED}`;
    }
    return wrong < 0 ? undefined : `must have nothing but secrets: number ${wrong + 1} is not ${EXPECTED}`;
  },
};

/** Says what is wrong with the module option, and never what was given. */
export function findCursorProblems(cursor: unknown): SseOptionProblem[] {
  if (!isObject(cursor)) {
    return [{ option: 'cursor', problem: 'must be an object with a secret' }];
  }
  // Absent is no secret either: ids would be readable that were meant not to be.
  const { secret = null } = cursor as Partial<SseCursorOptions>;
  return findOptionProblems({ ...cursor, secret }, RULES, 'cursor.');
}

/** How positions become ids. @param cursor checked before */
export function positionsFor(cursor: SseCursorOptions | undefined): Positions {
  if (!cursor) {
    return new PlainPositions();
  }
  const { secret } = cursor;
  return new OpaquePositions((typeof secret === 'string' ? [secret] : secret) as [string, ...string[]]);
}

function isSecret(value: unknown): value is string {
  return typeof value === 'string' && Buffer.byteLength(value) >= MIN_SECRET_BYTES;
}
