import { BodyPart, WRITE_BYTES } from '../pusher/internal.js';
import type { ChannelLog } from './channel-log.js';
import { collectEntries, type Selection } from './collect-entries.js';
import type { GroupReader, LogFollower } from './log-follower.js';

/** What is written to everybody who stands at the same position. */
export interface Step {
  /** Whoever stands from here on ... */
  readonly after: number;
  /** ... and before this position misses exactly what the step has. */
  readonly before: number;
  /** Where they stand afterwards. */
  readonly through: number;
  /** Position in the last id of the frames; 0 when there are none. */
  readonly lastId: number;
  readonly messages: number;
  readonly part: BodyPart | undefined;
}

/** Readers that follow the same channels and want the same of them, so that what one of them needs can serve all. */
export class ReaderGroup implements LogFollower {
  readonly readers = new Set<GroupReader>();
  /** Readers, and those who are about to be. */
  members = 1;
  #isFlushing = false;
  readonly #shared: Step[] = [];

  constructor(
    readonly key: string,
    /** The channels that were asked for. */
    readonly channels: readonly ChannelLog[],
    /** The same, that of the broadcasts, and what everybody follows; whose losses weigh most comes first. */
    readonly logs: readonly ChannelLog[],
    readonly selection: Selection,
  ) {}

  beginFlush(): void {
    this.#isFlushing = true;
  }

  endFlush(): void {
    this.#isFlushing = false;
    this.#shared.length = 0;
  }

  /** Whether all channels that were asked for have ended, so that nothing will come any more. */
  get isOver(): boolean {
    return this.channels.length > 0 && this.channels.every(({ ended }) => ended);
  }

  /** What comes next for those who stand at `position` and lag behind `head`. */
  stepAfter(position: number, head: number): Step | undefined {
    if (position >= head) {
      return undefined;
    }
    for (const step of this.#shared) {
      if (step.after <= position && position < step.before) {
        return step;
      }
    }
    const step = this.#stepAfter(position, head);
    if (this.#isFlushing) {
      this.#shared.push(step);
    }
    return step;
  }

  #stepAfter(position: number, head: number): Step {
    const grown = this.logs.filter(({ newest }) => newest > position);
    const [only] = grown;
    if (grown.length === 1 && !this.selection.filter) {
      const slice = only!.sliceAfter(position);
      if (slice) {
        const through = slice.last === only!.newest ? head : slice.last;
        const { first, last, messages, part } = slice;
        return { after: position, before: first, through, lastId: last, messages, part };
      }
    }
    if (grown.length === 0) {
      return { after: position, before: head, through: head, lastId: 0, messages: 0, part: undefined };
    }
    const range = { logs: grown, after: position, through: head, maxBytes: WRITE_BYTES };
    const { entries, through } = collectEntries(range, { filter: this.selection.filter });
    const part = entries.length > 0 ? new BodyPart(entries.map(({ frame }) => frame).join('')) : undefined;
    const lastId = entries.at(-1)?.seq ?? 0;
    return { after: position, before: position + 1, through, lastId, messages: entries.length, part };
  }
}
