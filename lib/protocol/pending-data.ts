import { CarryBuffer } from './carry-buffer.js';

/** So many lines are folded into one, so that very short ones do not take many times their size. */
const FOLD_AT = 1024;

/**
 * The data lines of a block that has several, or that came in several chunks. Lines of the present chunk may be slices that
 * keep the whole chunk's text alive, which {@link settle} ends.
 */
export class PendingData {
  isEmpty = true;
  private readonly fresh: string[] = [];
  /** Each line with an LF behind it. */
  private readonly settled = new CarryBuffer();

  /** How many lines still depend on the text that they were cut from. */
  get freshLines(): number {
    return this.fresh.length;
  }

  add(line: string): void {
    this.isEmpty = false;
    if (this.fresh.push(line) === FOLD_AT) this.settle();
  }

  /** Copies the lines out of their chunk. */
  settle(): void {
    if (this.fresh.length > 0) this.settled.appendText(`${this.takeFresh()}\n`);
  }

  /** The lines joined with LF. Nothing is pending then. */
  take(): string {
    this.isEmpty = true;
    if (this.settled.length === 0) return this.takeFresh();
    this.settle();
    const data = this.settled.bytes.toString('utf8', 0, this.settled.length - 1);
    this.settled.clear();
    return data;
  }

  private takeFresh(): string {
    const text = this.fresh.join('\n');
    this.fresh.length = 0;
    return text;
  }
}
