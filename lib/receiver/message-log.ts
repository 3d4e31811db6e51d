import type { ReceivedMessage } from '../protocol/index.js';

/** A message on its way to the consumers, linked to the one after it. */
export interface LogEntry {
  /** Absent in the entry that a log begins with. */
  readonly message?: ReceivedMessage;
  /** Counts entries, so that the positions of consumers can be compared. */
  readonly position: number;
  /** Everything that was ever appended up to and with this entry, in (approximate) bytes. */
  readonly totalBytes: number;
  /** The last event id of somebody who has everything up to here; a bare id moves it. */
  cursor: string;
  next?: LogEntry;
}

/** What an entry takes beside its data. */
const ENTRY_BYTES = 64;

/**
 * The messages that have arrived, in order. Consumers hold the entry that they took last; what lies behind all of
 * them is referenced by nobody and goes by itself.
 */
export class MessageLog {
  private last: LogEntry;

  constructor(cursor: string) {
    this.last = { position: 0, totalBytes: 0, cursor };
  }

  /** The entry that was appended last. */
  get head(): LogEntry {
    return this.last;
  }

  append(message: ReceivedMessage): void {
    const { position, totalBytes } = this.last;
    const entry: LogEntry = {
      message,
      position: position + 1,
      totalBytes: totalBytes + message.data.length + ENTRY_BYTES,
      cursor: message.lastEventId,
    };
    this.last.next = entry;
    this.last = entry;
  }

  /** Forgets what lies ahead of an entry: nobody will take it any more. */
  cutAfter(entry: LogEntry): void {
    entry.next = undefined;
    this.last = entry;
  }
}
