import { randomBytes } from 'node:crypto';
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
export type Placed = { readonly position: number } | { readonly closed: true } | { readonly refused: string };

interface Run {
  readonly channel: number;
  readonly placements: Placement[];
}

/** What is placed by one call of the script: runs of messages of one channel, in the order in which they were published. */
export class Batch {
  readonly #channels = new Map<string, number>();
  readonly #limits: Placement['limits'][] = [];
  readonly #runs: Run[] = [];

  constructor(
    readonly number: number,
    placements: readonly Placement[],
  ) {
    for (const placement of placements) {
      this.#add(placement);
    }
  }

  keys(keys: RedisKeys, producer: string): string[] {
    const channels = [...this.#channels.keys()].map((name) => keys.channel(name));
    return [keys.state, keys.marks, keys.producer(producer), ...channels];
  }

  args(control: string, known: number): string[] {
    const args = [newEpoch(), control, String(known), String(this.number)];
    for (const { events, ageMs } of this.#limits) {
      args.push(String(events), String(Math.ceil(ageMs)));
    }
    for (const { channel, placements } of this.#runs) {
      const { tombstoneMs } = placements[0]!;
      const entries = placements.flatMap(({ entry }) => entry ?? []);
      args.push(
        String(channel),
        tombstoneMs === undefined ? '' : String(Math.ceil(tombstoneMs)),
        String(entries.length),
      );
      for (const entry of entries) {
        args.push(entry);
      }
    }
    return args;
  }

  /** @returns the epoch of the positions, and what became of each placement, in their order */
  read(answer: string): { readonly epoch: string; readonly placed: Placed[] } {
    const [epoch, ...outcomes] = answer.split(' ');
    const placed = this.#runs.flatMap(({ placements }, index) => {
      const outcome = outcomes[index]!;
      return placements.map((_, nth) => readOutcome(outcome, nth));
    });
    return { epoch: epoch!, placed };
  }

  #add(placement: Placement): void {
    let channel = this.#channels.get(placement.channel);
    if (channel === undefined) {
      channel = this.#channels.size + 1;
      this.#channels.set(placement.channel, channel);
      this.#limits.push(placement.limits);
    }
    const run = this.#runs.at(-1);
    const isEnd = placement.tombstoneMs !== undefined;
    if (run && run.channel === channel && !isEnd && run.placements[0]!.tombstoneMs === undefined) {
      run.placements.push(placement);
    } else {
      this.#runs.push({ channel, placements: [placement] });
    }
  }
}

function readOutcome(outcome: string, nth: number): Placed {
  if (outcome.startsWith('closed:')) {
    return { closed: true };
  }
  return outcome.startsWith('error:')
    ? { refused: outcome.slice('error:'.length).replaceAll('_', ' ') }
    : { position: Number(outcome) + nth };
}

/** An epoch in case that the log turns out to have none: another one each time, for it may be needed more than once. */
export function newEpoch(): string {
  return randomBytes(6).toString('hex');
}
