import type { ReceivedMessage } from '../protocol/index.js';

/** A message on its way to the consumers. */
export interface LogEntry {
  /** Absent in the entry that a log begins with. */
  readonly message?: ReceivedMessage;
  /** Everything that was ever appended up to and with this entry, in (approximate) bytes; names and ids count, too. */
  readonly totalBytes: number;
  /** The last event id of somebody who has everything up to here; a bare id moves it. */
  cursor: string;
}

/** What an entry takes beside its texts. */
const ENTRY_BYTES = 64;
/** Entries that everybody has passed are taken out of the array by so many at a time. */
const COMPACT_AFTER = 256;

/**
 * The messages that have arrived and that not all consumers are done with, in order. Entries are numbered: consumers
 * hold the number of the one that they took last.
 *
 * It is an array and not a linked list: there, an old dead entry keeps every later one from the quick part of garbage
 * collection, which then costs more than all the rest.
 */
export class MessageLog {
  private readonly entries: (LogEntry | undefined)[];
  /** The number of `entries[0]`. */
  private start = 0;
  /** How many entries at the beginning are cleared already. */
  private cleared = 0;

  constructor(cursor: string) {
    this.entries = [{ totalBytes: 0, cursor }];
  }

  /** The number of the entry that was appended last. */
  get headPosition(): number {
    return this.start + this.entries.length - 1;
  }

  get head(): LogEntry {
    return this.entries[this.entries.length - 1] as LogEntry;
  }

  /** The entry with a number, unless it is forgotten or yet to come. */
  at(position: number): LogEntry | undefined {
    return this.entries[position - this.start];
  }

  /** @param cursor with which whoever has it, too, would go on */
  append(message: ReceivedMessage, cursor: string): void {
    const { data, event, id = '' } = message;
    const totalBytes = this.head.totalBytes + data.length + event.length + id.length + ENTRY_BYTES;
    this.entries.push({ message, totalBytes, cursor });
  }

  /** Everybody has passed what lies before an entry. */
  forgetBefore(position: number): void {
    const keepFrom = position - this.start;
    while (this.cleared < keepFrom) {
      this.entries[this.cleared++] = undefined;
    }
    if (this.cleared >= COMPACT_AFTER || this.cleared === this.entries.length - 1) {
      this.entries.splice(0, this.cleared);
      this.start += this.cleared;
      this.cleared = 0;
    }
  }
}
