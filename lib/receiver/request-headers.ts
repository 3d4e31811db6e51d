import { validateHeaderName, validateHeaderValue } from 'node:http';
import { encodeLastEventId } from '../protocol/index.js';
import { describe } from '../protocol/internal.js';
import { ACCEPT_ENCODING } from './decompressing-transport.js';

/** Headers as the caller gives them: a record, or names with values in turn (`Headers`, `Map`, an array of pairs). */
export type SseRequestHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [string, string | readonly string[]]>;

/** Names in lower case, each with all its values. */
export type HeaderMap = ReadonlyMap<string, readonly string[]>;

/** Headers that are not the caller's to set, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  'last-event-id': "is the receiver's; use the option lastEventId",
  'accept-encoding': "is the receiver's; use the option decompress",
  connection: 'belongs to the transport',
  'content-length': 'belongs to the transport',
  expect: 'belongs to the transport',
  'keep-alive': 'belongs to the transport',
  'transfer-encoding': 'belongs to the transport',
  upgrade: 'belongs to the transport',
};

const OURS: HeaderMap = new Map([
  ['accept', ['text/event-stream']],
  ['cache-control', ['no-cache']],
]);

/** Reads the caller's headers and says what is wrong with them, by name: never by value, which may be a secret. */
export function readHeaders(headers: unknown): { headers: HeaderMap; problems: string[] } {
  const problems: string[] = [];
  const read = new Map<string, string[]>();
  for (const [name, value] of entriesOf(headers, problems)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      const problem = problemOf(name, item);
      if (problem) problems.push(problem);
      else read.set(name.toLowerCase(), [...(read.get(name.toLowerCase()) ?? []), item as string]);
    }
  }
  return { headers: read, problems };
}

/** What goes out: the caller's headers over ours, and the cursor. Names and values in turn. */
export function composeHeaders(callers: HeaderMap, lastEventId: string, decompress = false): string[] {
  const encoding = decompress ? ACCEPT_ENCODING : 'identity';
  const composed = new Map([...OURS, ...callers, ['accept-encoding', [encoding]] as const]);
  const cursor = encodeLastEventId(lastEventId);
  if (cursor !== undefined) composed.set('last-event-id', [cursor]);
  return [...composed].flatMap(([name, values]) => values.flatMap((value) => [name, value]));
}

function entriesOf(headers: unknown, problems: string[]): [string, unknown][] {
  if (typeof headers !== 'object' || headers === null) {
    // Never quoted: a header written as text holds its value.
    problems.push(
      `must be an object, or names and values in turn, got ${typeof headers === 'string' ? 'a string' : describe(headers)}`,
    );
    return [];
  }
  if (!(Symbol.iterator in headers)) {
    return Object.entries(headers).filter(([, value]) => value !== undefined);
  }
  const entries: unknown[] = [...(headers as Iterable<unknown>)];
  if (!entries.every(isPair)) {
    problems.push('must give pairs of a name and a value');
    return [];
  }
  return entries;
}

function isPair(entry: unknown): entry is [string, unknown] {
  return Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string';
}

function problemOf(name: string, value: unknown): string | undefined {
  try {
    validateHeaderName(name);
  } catch {
    // Up to what a whole header line would have before its value.
    return `has ${describe(name.replace(/:.*/s, ':…'))}, which is no header name`;
  }
  const reason = REFUSED[name.toLowerCase()];
  if (reason) {
    return `has ${name}, which ${reason}`;
  }
  if (typeof value !== 'string') {
    return `has ${name}, whose value is no string`;
  }
  try {
    validateHeaderValue(name, value);
    return undefined;
  } catch {
    return `has ${name}, whose value holds characters that no header can`;
  }
}
