import type { StreamStanding } from '../pusher/internal.js';
import type { Cursor } from './cursor.js';

/**
 * Where a cursor stands, for those who look on. Everything is read from the logs, which keep it anyway: a search in each
 * channel that has grown since.
 *
 * @param hasPlace whether it has come to where messages can be written from
 * @param now milliseconds of `performance.now()`
 */
export function standingOf(cursor: Cursor, hasPlace: boolean, now: number): StreamStanding {
  const channels = cursor.group.channels.map(({ name }) => name);
  return hasPlace
    ? { channels, position: cursor.id, lag: { ...waiting(cursor, now), hasLost: cursor.loss !== undefined } }
    : { channels, position: undefined, lag: undefined };
}

function waiting({ group, position, dealtWith }: Cursor, now: number) {
  let messages = 0;
  let bytes = 0;
  let since = now;
  for (const log of group.logs) {
    const after = Math.max(position, dealtWith?.logs.get(log) ?? 0);
    const oldest = log.newest > after ? log.at(log.indexAfter(after)) : undefined;
    if (oldest) {
      const size = log.sizeAfter(after);
      messages += size.count;
      bytes += size.bytes;
      since = Math.min(since, oldest.at);
    }
  }
  return { messages, bytes, forMs: Math.round(now - since) };
}
