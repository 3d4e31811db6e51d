import { type ParsedEntry, parseEntries } from './entry-text.js';

/** What is published on a channel's topic. */
export type Announcement =
  | {
      readonly kind: 'messages';
      /** Position of the channel's message before these; 0 when nothing was kept any more. */
      readonly before: number;
      /** Position of the first; the others follow without a hole. */
      readonly first: number;
      readonly entries: readonly ParsedEntry[];
    }
  | { readonly kind: 'end'; readonly position: number; readonly tombstoneMs: number };

/** @throws for what no script of this package has written */
export function parseAnnouncement(payload: string): Announcement {
  const line = payload.startsWith('m') ? payload.indexOf('\n') : payload.length;
  const [one, other] = payload.slice(1, line).split(' ').map(Number);
  if (!Number.isSafeInteger(one) || !Number.isSafeInteger(other)) {
    throw new Error('not an announcement of this package');
  }
  return payload.startsWith('m')
    ? { kind: 'messages', before: one!, first: other!, entries: parseEntries(payload, line + 1) }
    : { kind: 'end', position: one!, tombstoneMs: other! };
}
