import { CarryBuffer } from './carry-buffer.js';

/** Lines are folded at this many, so that very short ones cannot take many times their size. */
const FOLD_AT = 1024;

/**
 * The data lines of the block that is being read. Lines of the present chunk are kept as they are: they may be slices
 * that keep the text of the whole chunk alive. {@link settle} copies them out of it.
 */
export class PendingData {
  #first: string | undefined;
  #more: string[] = [];
  #settled: CarryBuffer | undefined;

  add(line: string): void {
    if (this.#first === undefined) this.#first = line;
    else if (this.#more.push(line) === FOLD_AT) this.settle();
  }

  /** Makes what is pending independent of the chunk that it came in. */
  settle(): void {
    if (this.#first === undefined) return;
    this.#settled ??= new CarryBuffer();
    this.#settled.appendText(`${this.#joined()}\n`);
    this.#first = undefined;
  }

  /** The lines joined with LF, or `undefined` when there was no line; nothing is pending then. */
  take(): string | undefined {
    const settled = this.#settled;
    if (settled !== undefined && settled.length > 0) return this.#takeSettled(settled);
    const data = this.#more.length === 0 ? this.#first : this.#joined();
    this.#first = undefined;
    return data;
  }

  #takeSettled(settled: CarryBuffer): string {
    this.settle();
    const data = settled.bytes.toString('utf8', 0, settled.length - 1);
    settled.clear();
    return data;
  }

  #joined(): string {
    if (this.#more.length === 0) return this.#first as string;
    const text = `${this.#first}\n${this.#more.join('\n')}`;
    this.#more = [];
    return text;
  }

  get isEmpty(): boolean {
    return this.#first === undefined && !this.#settled?.length;
  }
}
