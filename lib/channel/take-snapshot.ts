import { HttpException } from '@nestjs/common';
import type { SseSerialize } from '../protocol/index.js';
import { SseChannelError } from './channel.error.js';
import type { ChannelLog } from './channel-log.js';
import type { SseSnapshot } from './channel-message.js';
import { sumOfFloors } from './position.js';
import { formatWithoutId } from './publication.js';
import type { ReaderGroup } from './reader-group.js';
import type { LogHead, StartingPoint } from './starting-point.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

/** The present state of all channels of a subscriber, and where their changes begin. */
export interface SnapshotTaken {
  /** Without ids, one for each channel that has something to say. */
  readonly frames: readonly string[];
  readonly start: StartingPoint;
}

type Snapshot = NonNullable<SseSubscribeOptions['snapshot']>;

interface SnapshotLog extends LogHead {
  readonly serialize: SseSerialize | undefined;
}

/** @throws SseChannelError when the snapshot of a channel fails, or is none; an HttpException is passed on as it is */
export async function takeSnapshot(
  snapshot: Snapshot,
  reason: 'first' | 'gap',
  { channels, logs }: Pick<ReaderGroup, 'channels' | 'logs'>,
  log: SnapshotLog,
): Promise<SnapshotTaken> {
  // As they are before anybody is asked: everything after this position is delivered.
  const { head, epoch, serialize, positions } = log;
  // What was lost up to now is in the states.
  const starts = new Map(logs.map((log) => [log, Math.max(head, log.floor)]));
  const taken = await Promise.all(
    channels.map((channel) => {
      const take = () => snapshot({ reason, channel: channel.name });
      return snapshotOf(channel, take, { epoch, serialize, positions });
    }),
  );
  // A state may be newer or older than the moment at which it was asked for; what others follow begins at that moment.
  for (const [index, log] of channels.entries()) {
    const { seq = starts.get(log)! } = taken[index]!;
    // Of a channel that was forgotten meanwhile nobody knows whether anything came after that position; the state does.
    starts.set(log, Math.max(seq, log.guessedFloor));
  }
  const position = Math.min(...starts.values());
  const until = Math.max(...starts.values());
  // A client that comes back before it is there asks for the states anew, unless all that lies between was lost to everybody.
  const isLost = [...starts].every(([log, start]) => start === position || start === log.floor);
  const ids = isLost ? sumOfFloors(logs) : 'none';
  return {
    frames: taken.flatMap(({ frame }) => frame ?? []),
    start: { position, dealtWith: until > position ? { logs: starts, until, ids } : undefined },
  };
}

async function snapshotOf(
  log: ChannelLog,
  take: () => ReturnType<Snapshot>,
  { serialize, ...written }: Omit<SnapshotLog, 'head'>,
) {
  try {
    const given = await take();
    const { message, position } = isPlaced(given) ? given : { message: given, position: undefined };
    const frame = message === undefined || message === null ? undefined : formatWithoutId(message, serialize);
    return { frame, seq: position === undefined ? undefined : seqOf(position, written, log) };
  } catch (cause) {
    if (cause instanceof HttpException) {
      throw cause;
    }
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new SseChannelError('snapshot', log.name, `the snapshot failed: ${what}`, { cause });
  }
}

function isPlaced(given: SseSnapshot): given is Extract<SseSnapshot, { position: string }> {
  return typeof given === 'object' && given !== null && 'message' in given && 'position' in given;
}

/** Of a log that is gone, it says nothing about this one: whatever this one keeps may be missing in the state. */
function seqOf(id: string, { epoch, positions }: Omit<LogHead, 'head'>, { floor }: ChannelLog): number {
  const position = typeof id === 'string' ? positions.read(id, epoch) : undefined;
  if (!position) {
    throw new TypeError("its 'position' must be an id that publish() has given");
  }
  return position.isForeign ? floor : position.seq;
}
