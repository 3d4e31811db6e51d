import type { SseOptionProblem } from '../protocol/index.js';
import { describe, findOptionProblems, isObject, type OptionRules } from '../protocol/internal.js';
import { findPathProblem } from './ticket-path.js';

/** What a handler is told of whoever a ticket was for: JSON. */
export type SseTicketClaims = Readonly<Record<string, unknown>>;

/** What a ticket is good for. */
export interface SseTicketGrant {
  /** The path of the stream as the browser will ask this application for it: encoded, and without a query. */
  readonly path: string;
  /** Whose it is, 1 to 256 characters: what `revoke()` ends together. A user's id, or that of one login of his. */
  readonly subject: string;
  /** What handlers are told of him, at most 4 KiB as JSON. Kept in the store as it is. Default: nothing. */
  readonly claims?: SseTicketClaims | undefined;
  /** When the token ends that the ticket was given for; no ticket and no session outlives it. Default: no such time. */
  readonly until?: Date | number | undefined;
}

const MAX_CLAIMS_BYTES = 4096;

const GRANT_RULES: OptionRules<SseTicketGrant> = {
  path: findPathProblem,
  subject: (value) =>
    typeof value === 'string' && value.length >= 1 && value.length <= 256
      ? undefined
      : `must be a text of 1 to 256 characters, got ${describe(value)}`,
  claims: claimsProblem,
  until: (value) =>
    Number.isFinite(Number(value)) && (typeof value === 'number' || value instanceof Date)
      ? undefined
      : `must be a Date, or milliseconds since 1970, got ${describe(value)}`,
};

/** What is wrong with a grant. A time that is over is no mistake of the caller's: the ticket is refused, like an old one. */
export function findGrantProblems(grant: unknown): SseOptionProblem[] {
  const required = isObject(grant) ? { path: undefined, subject: undefined, ...grant } : grant;
  const missing = ['path', 'subject'].filter((name) => isObject(required) && Reflect.get(required, name) === undefined);
  return [...findOptionProblems(grant, GRANT_RULES), ...missing.map((option) => ({ option, problem: 'is missing' }))];
}

function claimsProblem(claims: unknown): string | undefined {
  if (!isObject(claims)) {
    return `must be an object, got ${describe(claims)}`;
  }
  try {
    const bytes = Buffer.byteLength(JSON.stringify(claims));
    return bytes <= MAX_CLAIMS_BYTES ? undefined : `must be at most ${MAX_CLAIMS_BYTES} bytes as JSON, is ${bytes}`;
  } catch (error) {
    return `must be JSON: ${(error as Error).message}`;
  }
}
