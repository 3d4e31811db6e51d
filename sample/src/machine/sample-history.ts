import { type Observable, Subject } from 'rxjs';
import type { MachineSample } from './machine-sample.js';

/** Why a cursor cannot be resumed without a hole. */
export type GapReason = 'expired' | 'foreign' | 'future' | 'malformed';

/** The newest samples, in the order of their ids. A reader is a position in it: the id of the last sample that it has. */
export class SampleHistory {
  private readonly kept: MachineSample[] = [];
  private readonly appended = new Subject<MachineSample>();

  /** Each sample, from when it is kept. */
  readonly appended$: Observable<MachineSample> = this.appended.asObservable();

  /**
   * @param capacity samples to keep
   * @param floorId everything with a higher id is kept
   */
  constructor(
    readonly capacity: number,
    private floorId: number,
  ) {}

  /** The id of the newest sample that is kept no longer: a reader at this position or after it misses nothing. */
  get floor(): number {
    return this.floorId;
  }

  get newestId(): number {
    return this.kept.at(-1)?.id ?? this.floorId;
  }

  append(sample: MachineSample): void {
    if (sample.id <= this.newestId) {
      throw new RangeError(`Sample ${sample.id} is not newer than ${this.newestId}`);
    }
    this.kept.push(sample);
    if (this.kept.length > this.capacity) {
      this.floorId = this.kept.shift()!.id;
    }
    this.appended.next(sample);
  }

  /** The kept samples that a reader at this position does not have yet. */
  after(position: number): MachineSample[] {
    return this.kept.slice(this.kept.findLastIndex(({ id }) => id <= position) + 1);
  }

  /** The position of a reader that has all but the newest samples. */
  positionBefore(count: number): number {
    const first = this.kept[Math.max(this.kept.length - count, 0)];
    return count > 0 && first ? first.previousId : this.newestId;
  }

  /**
   * Why a reader at this position would miss something; `undefined` when it would not. An id that was never given here comes
   * from another instance, which has samples of its own.
   */
  gapAt(position: number | undefined): GapReason | undefined {
    if (position === undefined) return 'malformed';
    if (position < this.floorId) return 'expired';
    if (position > this.newestId) return 'future';
    return position === this.floorId || this.kept.some(({ id }) => id === position) ? undefined : 'foreign';
  }
}
