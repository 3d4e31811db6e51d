import { type ParsedEntry, parseEntries } from './entry-text.js';

/** What is published on a channel's topic. */
export type Announcement =
  | {
      readonly kind: 'messages';
      /** Position of the channel's message before these; 0 when nothing was kept any more, nor known to who published these. */
      readonly before: number;
      /** Position of the first; the others follow without a hole. */
      readonly first: number;
      readonly entries: readonly ParsedEntry[];
    }
  | { readonly kind: 'end'; readonly position: number; readonly tombstoneMs: number };

/** @throws for what no script of this package has written */
export function parseAnnouncement(payload: string): Announcement {
  const isMessages = payload.startsWith('m');
  const space = payload.indexOf(' ');
  const line = isMessages ? payload.indexOf('\n') : payload.length;
  const one = Number(payload.slice(1, space));
  const other = Number(payload.slice(space + 1, line));
  // Without a space behind a digit, what is not there would count as 0.
  if (space < 2 || !Number.isSafeInteger(one) || !Number.isSafeInteger(other)) {
    throw new Error('not an announcement of this package');
  }
  return isMessages
    ? { kind: 'messages', before: one, first: other, entries: parseEntries(payload, line + 1) }
    : { kind: 'end', position: one, tombstoneMs: other };
}
