import { formatMessage } from '../protocol/index.js';
import { REPLACED_ID } from '../protocol/internal.js';
import type { SseStreamKeys, StreamLedger, StreamWatcher } from '../pusher/index.js';
import type { ManagedStream } from '../pusher/internal.js';
import { keyValue } from './key-value.js';

/** The streams that have the same value of a key. Each is in one of the sets, in the order in which it came there. */
interface Siblings {
  readonly pending: Set<ManagedStream>;
  readonly open: Set<ManagedStream>;
  /** Closed, and their response is not over yet. */
  readonly closing: Set<ManagedStream>;
  /** Whether those of them that are too many are about to be cut off. */
  isCuttingOff: boolean;
}

/**
 * Lets every request of a key in, and has older streams make room. That happens when the new one opens, not when it is asked
 * for: a request that fails in its handler ends nobody's stream. What is pending or closing is bounded, too, since a peer that
 * does not read takes its last frame in its own time: there may be as many of either as may be open.
 */
export class ReplacingLimit implements StreamWatcher {
  readonly #key: string;
  readonly #max: number;
  readonly #ledger: Pick<StreamLedger, 'refusing'>;
  readonly #lastFrames: readonly string[];
  readonly #siblings = new Map<string, Siblings>();

  constructor(key: string, max: number, event: string, ledger: Pick<StreamLedger, 'refusing'>) {
    this.#key = key;
    this.#max = max;
    this.#ledger = ledger;
    // With the id the client is known when it comes back; without data some clients would not take the id.
    this.#lastFrames = [formatMessage({ id: REPLACED_ID, event, data: { per: key, max } })];
  }

  /** Called for a request that gets a stream, which is made next. */
  makeRoom(keys: SseStreamKeys): void {
    const value = keyValue(keys, this.#key);
    const siblings = value === undefined ? undefined : this.#siblings.get(value);
    if (siblings) {
      this.#replaceOldest(siblings.pending, this.#max - 1);
    }
  }

  created(stream: ManagedStream): void {
    const value = keyValue(stream.info.keys, this.#key);
    if (value === undefined) {
      return;
    }
    let siblings = this.#siblings.get(value);
    if (!siblings) {
      siblings = { pending: new Set(), open: new Set(), closing: new Set(), isCuttingOff: false };
      this.#siblings.set(value, siblings);
    }
    siblings.pending.add(stream);
  }

  opened(stream: ManagedStream): void {
    const siblings = this.#siblingsOf(stream);
    // One that is replaced before it has opened opens only to be told so.
    if (siblings?.pending.delete(stream)) {
      siblings.open.add(stream);
      this.#replaceOldest(siblings.open, this.#max);
    }
  }

  closed(stream: ManagedStream): void {
    const siblings = this.#siblingsOf(stream);
    if (siblings) {
      siblings.open.delete(stream);
      siblings.closing.add(stream);
      this.#cutOffNextTurn(siblings);
    }
  }

  gone(stream: ManagedStream): void {
    const siblings = this.#siblingsOf(stream);
    if (siblings) {
      const { pending, open, closing } = siblings;
      pending.delete(stream);
      open.delete(stream);
      closing.delete(stream);
      if (pending.size + open.size + closing.size === 0) {
        this.#siblings.delete(keyValue(stream.info.keys, this.#key)!);
      }
    }
  }

  #replaceOldest(streams: Set<ManagedStream>, max: number): void {
    this.#takeOldest(streams, max, (oldest) => oldest.end('replaced', this.#lastFrames));
  }

  /** Over HTTP/2 a last frame leaves only when the turn is over, and whoever does not get it comes back. */
  #cutOffNextTurn(siblings: Siblings): void {
    if (siblings.closing.size <= this.#max || siblings.isCuttingOff) {
      return;
    }
    siblings.isCuttingOff = true;
    setImmediate(() => {
      siblings.isCuttingOff = false;
      this.#takeOldest(siblings.closing, this.#max, (oldest) => oldest.destroy('replaced'));
    });
  }

  /** Takes out those that are too many. Nothing can pile up any more while the application closes, and all end anyway. */
  #takeOldest(streams: Set<ManagedStream>, max: number, end: (oldest: ManagedStream) => void): void {
    for (const oldest of streams) {
      if (streams.size <= max || this.#ledger.refusing) {
        return;
      }
      streams.delete(oldest);
      end(oldest);
    }
  }

  #siblingsOf({ info }: ManagedStream): Siblings | undefined {
    const value = keyValue(info.keys, this.#key);
    return value === undefined ? undefined : this.#siblings.get(value);
  }
}
