import { BodyPart, WRITE_BYTES } from '../pusher/internal.js';
import type { ChannelLog } from './channel-log.js';
import { collectEntries } from './collect-entries.js';
import { type DealtWith, union } from './dealt-with.js';
import type { SseGapReason } from './gap-reason.js';
import type { LogEntry } from './log-entry.js';
import type { Position } from './position.js';
import type { Positions } from './positions.js';
import type { ReaderGroup, Step } from './reader-group.js';
import type { StartingPoint } from './starting-point.js';

/** What a cursor stands in. */
interface PositionedLog {
  readonly epoch: string;
  readonly positions: Positions;
}

/** Where a subscriber stands, and what it gets next. Live messages, a replay and catching up are the same to it. */
export class Cursor {
  /** Everything that is followed, up to here, was delivered or told as lost. */
  position = 0;
  /**
   * Whether it is catching up, for it had to wait or comes back: then it gets what is new when it has got so far, and a
   * conflating subscriber gets the newest of each key only.
   */
  behind = true;
  dealtWith: DealtWith | undefined;
  readonly #log: PositionedLog;
  /** Of the log that it stands in: that there is another one by now, it has to be told first. */
  #epoch: string;

  constructor(
    public group: ReaderGroup,
    log: PositionedLog,
  ) {
    this.#log = log;
    this.#epoch = log.epoch;
  }

  /** Why it has to be told of a loss: something that it follows has been forgotten before it came here. */
  get loss(): SseGapReason | undefined {
    if (this.#epoch !== this.#log.epoch) {
      return 'restarted';
    }
    for (const log of this.group.logs) {
      if (log.floor > this.position && log.floor > (this.dealtWith?.logs.get(log) ?? 0)) {
        return log.gapReason;
      }
    }
    return undefined;
  }

  /** The id with which a client comes back to where it stands; nothing while it had better start anew. */
  get id(): string | undefined {
    const { ids } = this.dealtWith ?? { ids: 'plain' };
    return ids === 'none' ? undefined : this.#log.positions.idOfStream(this.#positionAt(this.position, ids));
  }

  /** @param sent the position that the peer was told last */
  isNewTo(sent: number): boolean {
    return this.position > sent || this.#log.positions.areOpaque;
  }

  /** Whether ids are left out for now. */
  get holdsIds(): boolean {
    return this.dealtWith?.ids === 'none';
  }

  /** What follows; nothing when it has come to the head. */
  next(head: number): Step | undefined {
    if (this.dealtWith || (this.behind && this.group.selection.conflateBy)) {
      return this.#ownStep(head);
    }
    return this.group.stepAfter(this.position, head);
  }

  /** Goes on from elsewhere: from the start, or behind something that is lost. */
  moveTo({ position, dealtWith }: Pick<StartingPoint, 'position' | 'dealtWith'>): void {
    this.position = position;
    this.#epoch = this.#log.epoch;
    this.behind = true;
    this.dealtWith = union(this.dealtWith, dealtWith, position);
  }

  /** Goes on from where a snapshot of some logs was taken; what was dealt with of them before counts no more. */
  restart(start: Pick<StartingPoint, 'position' | 'dealtWith'>, logs: readonly ChannelLog[]): void {
    const added = [...(this.dealtWith?.logs ?? [])].filter(([log]) => !logs.includes(log));
    const until = Math.max(0, ...added.map(([, through]) => through));
    this.dealtWith = added.length > 0 ? { logs: new Map(added), until, ids: 'plain' } : undefined;
    this.moveTo(start);
  }

  /** Follows other channels from here on; of new ones, what they have got so far is not delivered. */
  follow(group: ReaderGroup, head: number): void {
    const known = new Set(this.group.logs);
    const added = group.logs.filter((log) => !known.has(log)).map((log) => [log, head] as const);
    this.group = group;
    if (added.length > 0) {
      this.dealtWith = union(this.dealtWith, { logs: new Map(added), until: head, ids: 'plain' }, this.position);
    }
  }

  advance(step: Step): void {
    this.position = step.through;
    if (this.dealtWith && this.position >= this.dealtWith.until) {
      this.dealtWith = undefined;
    }
  }

  #ownStep(head: number): Step | undefined {
    const { group, position, dealtWith } = this;
    // Ids come back at the very position from which on they mean the same for all channels.
    const end = dealtWith?.ids === 'none' ? Math.min(head, dealtWith.until) : head;
    if (position >= end) {
      return undefined;
    }
    const range = {
      logs: group.logs,
      after: position,
      through: end,
      maxBytes: WRITE_BYTES,
      dealtWith: dealtWith?.logs,
    };
    const conflateBy = this.behind ? group.selection.conflateBy : undefined;
    const { entries, through } = collectEntries(range, { filter: group.selection.filter, conflateBy });
    const text = entries.map((entry) => this.#frameOf(entry)).join('');
    const lastId = dealtWith?.ids === 'none' ? 0 : (entries.at(-1)?.seq ?? 0);
    const part = text ? new BodyPart(text) : undefined;
    return { after: position, before: position + 1, through, lastId, messages: entries.length, part };
  }

  #frameOf(entry: LogEntry): string {
    const { ids, until } = this.dealtWith ?? { ids: 'plain', until: 0 };
    if (ids === 'none') {
      return entry.frameWith('');
    }
    return ids === 'plain' || entry.seq >= until
      ? entry.frame
      : entry.frameWith(`id: ${this.#log.positions.idOfMessage(this.#positionAt(entry.seq, ids))}\n`);
  }

  #positionAt(seq: number, ids: number | 'plain'): Position {
    return { epoch: this.#epoch, seq, told: ids === 'plain' ? undefined : ids };
  }
}
