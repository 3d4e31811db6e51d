import type { BackplaneReceiver, PlacedMessage } from '../channel/index.js';
import { withDeadline } from './deadline.js';
import type { FollowedChannel } from './followed-channel.js';
import type { ChannelRead, Inbox, LogReader, LogState } from './log-reader.js';

/** So many channels are read by one call. */
const CHANNELS_PER_READ = 64;

/** Milliseconds for which one step of a catch-up may take: then its connection is given up. */
export const STEP_MS = 10_000;

/** What was read of all channels that are listened to. */
export interface MissedRead {
  /** As of the first read. What was placed later is announced, whether a later read has it or not. */
  readonly state: LogState;
  readonly channels: readonly ChannelRead[];
}

/**
 * Reads what channels have got since `position`. A channel that is known to have a hole is read from before it.
 *
 * @param inbox told when all is read
 */
export async function readMissed(
  channels: readonly FollowedChannel[],
  position: number,
  { reader, inbox, signal }: { readonly reader: LogReader; readonly inbox: Inbox; readonly signal: AbortSignal },
): Promise<MissedRead> {
  const requests = channels.map(({ name, limits, hasHole, known }) => ({
    channel: name,
    after: hasHole ? Math.min(known, position) : position,
    limits,
  }));
  const read: ChannelRead[] = [];
  let state: LogState | undefined;
  for (let from = 0; from < requests.length; from += CHANNELS_PER_READ) {
    const some = requests.slice(from, from + CHANNELS_PER_READ);
    const page = await withDeadline(STEP_MS, (inTime) => reader.read(some, undefined, inTime), signal);
    state ??= page;
    read.push(...page.channels);
  }
  const end = await withDeadline(STEP_MS, (inTime) => reader.read([], inbox, inTime), signal);
  return { state: state ?? end, channels: read };
}

export interface CaughtUp {
  readonly channels: ReadonlyMap<string, FollowedChannel>;
  readonly missed: MissedRead;
  /** Where the process stood. */
  readonly position: number;
  /** Set when the log lost its newest part meanwhile. */
  readonly rupture: number | undefined;
}

/** Delivers what was missed, in the order of its positions, after what is lost of it was told. */
export function deliverMissed(receiver: BackplaneReceiver, caughtUp: CaughtUp): void {
  const { channels, missed, position } = caughtUp;
  const { head } = missed.state;
  for (const read of missed.channels) {
    const lost = Math.max(Math.min(read.floor, head), lateOf(read.messages, position));
    if (lost > position || lateOf(read.messages, position) > 0) {
      receiver.lost(read.channel, lost);
    }
  }
  let { rupture } = caughtUp;
  const rupturedBefore = (seq: number) => {
    if (rupture !== undefined && seq > rupture) {
      receiver.ruptured(rupture);
      rupture = undefined;
    }
  };
  const messages = missed.channels.flatMap((read) => read.messages);
  const due = messages.filter(({ seq }) => seq > position && seq <= head);
  for (const message of due.sort((a, b) => a.seq - b.seq)) {
    rupturedBefore(message.seq);
    receiver.deliver(message);
  }
  rupturedBefore(Number.POSITIVE_INFINITY);
  for (const { channel, end } of missed.channels) {
    const followed = channels.get(channel);
    if (followed && end && end.seq <= head && followed.end !== end.seq) {
      followed.end = end.seq;
      receiver.closed(channel, end);
    }
  }
  receiver.advanced(head);
}

/**
 * The newest of the messages that others, which were published later, have overtaken: to deliver it now would bring streams
 * back that follow both.
 */
function lateOf(messages: readonly PlacedMessage[], position: number): number {
  return messages.findLast(({ seq }) => seq <= position)?.seq ?? 0;
}
