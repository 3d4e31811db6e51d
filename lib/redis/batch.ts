import { randomBytes } from 'node:crypto';
import type { NewestPositions } from './newest-positions.js';
import type { RedisKeys } from './redis-keys.js';

/** Something to be placed: a message, or the end of a channel with or without a last message. */
export interface Placement {
  readonly channel: string;
  /** What is stored of the message; absent for an end without one. */
  readonly entry: string | undefined;
  readonly bytes: number;
  /** How many messages of the channel are kept, and for how many milliseconds. */
  readonly limits: { readonly events: number; readonly ageMs: number };
  /** For an end, the milliseconds for which it is remembered. */
  readonly tombstoneMs: number | undefined;
}

/** What became of a placement: its position, or why it has none. */
export type Placed = number | { readonly closed: true } | { readonly refused: string };

interface Run {
  readonly channel: number;
  readonly placements: Placement[];
}

/** What the script is told of a batch. Channels are in the order of their keys; numbers that name one begin with 1. */
export interface BatchLayout {
  /** `max`: how many messages are kept; `age`: for how many milliseconds. */
  readonly limits: readonly { readonly max: string; readonly age: number }[];
  /** For each channel: which limits. */
  readonly limitOf: readonly number[];
  /** For each channel: position of its newest message, as far as it is known; else empty. */
  readonly known: readonly string[];
  /** The lowest of the known positions; 0 when there is none. */
  readonly oldest: number;
  /** How many positions are needed at most. */
  readonly positions: number;
  /** One after another: channel, milliseconds for which its end is remembered (-1 for no end), count and sizes in bytes of messages. */
  readonly runs: readonly number[];
}

/** What is known when a batch is sent. */
export interface BatchContext {
  /** The topic of ruptures. */
  readonly control: string;
  /** The newest position. */
  readonly head: number;
  /** Number of the first batch that has no answer yet: of this one, or of one before it. */
  readonly first: number;
  /** The newest messages of channels. */
  readonly newest: NewestPositions;
}

/** What is placed by one call of the script: runs of messages of one channel, in the order in which they were published. */
export class Batch {
  readonly #channels = new Map<string, number>();
  readonly #limits: { max: string; age: number }[] = [];
  readonly #limitOf: number[] = [];
  readonly #runs: Run[] = [];
  readonly #ended = new Set<string>();

  constructor(
    readonly number: number,
    readonly placements: readonly Placement[],
  ) {
    for (const placement of placements) {
      this.#add(placement);
    }
  }

  keys(keys: RedisKeys, producer: string): string[] {
    const all = [keys.state, keys.marks, keys.producer(producer)];
    for (const name of this.#channels.keys()) {
      all.push(keys.channel(name));
    }
    return all;
  }

  args({ control, head, first, newest }: BatchContext): string[] {
    const messages = this.placements.map(({ entry }) => entry ?? '').join('');
    const layout = JSON.stringify(this.#layout(newest));
    return [newEpoch(), control, String(head), String(this.number), String(first), layout, messages];
  }

  /** @param settle told of each placement, in their order, what became of it, and the epoch of its position */
  read(answer: string, settle: (index: number, outcome: Placed, epoch: string) => void): void {
    const [epoch, ...outcomes] = answer.split(' ');
    let index = 0;
    for (const [nth, { placements }] of this.#runs.entries()) {
      const outcome = readOutcome(outcomes[nth]!);
      for (let n = 0; n < placements.length; n++) {
        settle(index++, typeof outcome === 'number' ? outcome + n : outcome, epoch!);
      }
    }
  }

  #layout(newest: NewestPositions): BatchLayout {
    const known: string[] = [];
    let oldest = Number.POSITIVE_INFINITY;
    for (const name of this.#channels.keys()) {
      // An end must find out whether there is a message of the same life of the channel.
      const position = this.#ended.has(name) ? undefined : newest.get(name);
      oldest = Math.min(oldest, position ?? oldest);
      known.push(position === undefined ? '' : String(position));
    }
    const runs: number[] = [];
    let positions = 0;
    for (const { channel, placements } of this.#runs) {
      const { tombstoneMs, entry } = placements[0]!;
      const count = entry === undefined ? 0 : placements.length;
      runs.push(channel, tombstoneMs === undefined ? -1 : Math.ceil(tombstoneMs), count);
      for (let n = 0; n < count; n++) {
        runs.push(placements[n]!.bytes);
      }
      positions += placements.length + (tombstoneMs === undefined ? 0 : 1);
    }
    oldest = oldest === Number.POSITIVE_INFINITY ? 0 : oldest;
    return { limits: this.#limits, limitOf: this.#limitOf, known, oldest, positions, runs };
  }

  #add(placement: Placement): void {
    const channel = this.#channels.get(placement.channel) ?? this.#addChannel(placement);
    const run = this.#runs.at(-1);
    const isEnd = placement.tombstoneMs !== undefined;
    if (isEnd) {
      this.#ended.add(placement.channel);
    }
    if (run && run.channel === channel && !isEnd && run.placements[0]!.tombstoneMs === undefined) {
      run.placements.push(placement);
    } else {
      this.#runs.push({ channel, placements: [placement] });
    }
  }

  #addChannel({ channel, limits }: Placement): number {
    const number = this.#channels.size + 1;
    this.#channels.set(channel, number);
    const max = String(limits.events);
    const age = Math.ceil(limits.ageMs);
    const known = this.#limits.findIndex((each) => each.max === max && each.age === age);
    this.#limitOf.push(known < 0 ? this.#limits.push({ max, age }) : known + 1);
    return number;
  }
}

function readOutcome(outcome: string): Placed {
  if (outcome.startsWith('closed:')) {
    return { closed: true };
  }
  return outcome.startsWith('error:')
    ? { refused: outcome.slice('error:'.length).replaceAll('_', ' ') }
    : Number(outcome);
}

/** An epoch in case that the log turns out to have none: another one each time, for it may be needed more than once. */
export function newEpoch(): string {
  return randomBytes(6).toString('hex');
}
