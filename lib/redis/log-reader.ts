import type { ChannelEnd, PlacedMessage } from '../channel/index.js';
import { newEpoch } from './batch.js';
import { parseEntries } from './entry-text.js';
import { persist } from './persist.js';
import type { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { READ } from './scripts/read.js';
import { Slots } from './slots.js';

/** So many reads are under way at a time, however many channels are opened at once: a deploy shall not stampede. */
const CONCURRENT_READS = 16;

/** How far the log has come. */
export interface LogState {
  readonly epoch: string;
  /** The newest position. */
  readonly head: number;
  /** Position at which the log lost its newest part the last time. */
  readonly rupture: number;
}

export interface ChannelRequest {
  readonly channel: string;
  /** What is after this position; everything that is kept when absent. */
  readonly after: number | undefined;
  readonly limits: { readonly events: number; readonly bytes: number; readonly ageMs: number };
}

export interface ChannelRead {
  readonly channel: string;
  /** What was published up to here and is not in `messages` is kept no more. */
  readonly floor: number;
  readonly end: ChannelEnd | undefined;
  /** Oldest first. */
  readonly messages: readonly PlacedMessage[];
}

/** Where the reader hears in order with what is published that it has read everything up to some position. */
export interface Inbox {
  readonly topic: string;
  readonly note: string;
}

type Reply = readonly [epoch: string, head: string, rupture: string, ...channels: (readonly string[])[]];

/** Reads what Redis keeps. */
export class LogReader {
  readonly #slots = new Slots(CONCURRENT_READS);

  constructor(
    private readonly link: RedisLink,
    private readonly keys: RedisKeys,
    private readonly known: () => number,
  ) {}

  /** @throws what Redis refuses with, or `signal.reason` */
  read(
    requests: readonly ChannelRequest[],
    inbox: Inbox | undefined,
    signal: AbortSignal,
  ): Promise<LogState & { readonly channels: ChannelRead[] }> {
    return this.#slots.run(async () => {
      const keys = [this.keys.state, this.keys.marks, ...requests.map(({ channel }) => this.keys.channel(channel))];
      const channels = requests.flatMap(({ after, limits: { events, bytes, ageMs } }) => [
        after === undefined ? '' : String(after),
        String(events),
        String(bytes),
        String(Math.ceil(ageMs)),
      ]);
      const attempt = () => {
        const args = [newEpoch(), this.keys.control, String(this.known()), inbox?.topic ?? '', inbox?.note ?? ''];
        return READ.run(this.link, keys, [...args, ...channels]);
      };
      const [epoch, head, rupture, ...read] = (await persist(this.link, attempt, signal)) as Reply;
      return {
        epoch,
        head: Number(head),
        rupture: Number(rupture),
        channels: read.map((reply, index) => parseChannel(requests[index]!.channel, reply)),
      };
    });
  }
}

function parseChannel(channel: string, [floor, end, left, ...flat]: readonly string[]): ChannelRead {
  const messages: PlacedMessage[] = [];
  for (let index = flat.length - 3; index >= 0; index -= 3) {
    const [entry] = parseEntries(flat[index + 2]!);
    messages.push({ channel, seq: Number(flat[index]), ageMs: Number(flat[index + 1]), ...entry! });
  }
  return {
    channel,
    floor: Number(floor),
    end: end ? { seq: Number(end), tombstoneMs: Number(left) } : undefined,
    messages,
  };
}
