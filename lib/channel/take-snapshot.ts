import { HttpException } from '@nestjs/common';
import type { SseSerialize } from '../protocol/index.js';
import { SseChannelError } from './channel.error.js';
import type { ChannelLog } from './channel-log.js';
import type { SseSnapshot } from './channel-message.js';
import { parsePosition } from './position.js';
import { formatWithoutId } from './publication.js';
import type { StartingPoint } from './starting-point.js';
import type { SseSubscribeOptions } from './subscribe-options.js';

/** The present state of all channels of a subscriber, and where their changes begin. */
export interface SnapshotTaken {
  /** Without ids, one for each channel that has something to say. */
  readonly frames: readonly string[];
  readonly start: StartingPoint;
}

export interface SnapshotRequest {
  readonly snapshot: NonNullable<SseSubscribeOptions['snapshot']>;
  readonly reason: 'first' | 'gap';
  readonly channels: readonly ChannelLog[];
  readonly logs: readonly ChannelLog[];
  readonly epoch: string;
  /** The position that everything after is delivered, taken before anybody is asked. */
  readonly head: number;
  readonly serialize: SseSerialize | undefined;
}

/** @throws SseChannelError when the snapshot of a channel fails, or is none; an HttpException is passed on as it is */
export async function takeSnapshot(request: SnapshotRequest): Promise<SnapshotTaken> {
  const { channels, head } = request;
  const taken = await Promise.all(channels.map((log) => snapshotOf(log, request)));
  // A state may be newer or older than the moment at which it was asked for; what others follow begins at that moment.
  const starts = new Map(request.logs.map((log) => [log, head]));
  for (const [index, log] of channels.entries()) {
    const { seq = head } = taken[index]!;
    // Of a channel that was forgotten meanwhile nobody knows whether anything came after that position; the state does.
    starts.set(log, Math.max(seq, log.guessedFloor));
  }
  const position = Math.min(...starts.values());
  const until = Math.max(...starts.values());
  return {
    frames: taken.flatMap(({ frame }) => frame ?? []),
    start: { position, dealtWith: until > position ? { logs: starts, until, ids: 'none' } : undefined },
  };
}

async function snapshotOf(log: ChannelLog, { snapshot, reason, epoch, serialize }: SnapshotRequest) {
  try {
    const given = await snapshot({ reason, channel: log.name });
    const { message, position } = isPlaced(given) ? given : { message: given, position: undefined };
    const frame = message === undefined || message === null ? undefined : formatWithoutId(message, serialize);
    return { frame, seq: position === undefined ? undefined : seqOf(position, epoch) };
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

function seqOf(id: string, epoch: string): number {
  const position = typeof id === 'string' ? parsePosition(id) : undefined;
  if (position?.epoch !== epoch) {
    throw new TypeError("its 'position' must be an id that publish() has given since the log began");
  }
  return position.seq;
}
