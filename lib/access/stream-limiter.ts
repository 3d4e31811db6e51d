import type { CountedRefusal, SseStreamInfo, StreamGate, StreamLedger } from '../pusher/index.js';
import { KeyCount } from './key-count.js';
import type { SseKeyLimit, SseLimitOptions } from './limit-options.js';
import type { LoadProbe } from './load-probe.js';
import { LoadShedder } from './load-shedder.js';
import { ReplacingLimit } from './replacing-limit.js';
import { isUnlimited } from './unlimited.decorator.js';

type Ledger = Pick<StreamLedger, 'unfinishedCount' | 'refusing' | 'watch'>;

/** Holds the limits of a module: counts its streams, and lets no more in than there may be. */
export class StreamLimiter implements StreamGate {
  readonly #ledger: Ledger;
  readonly #maxStreams: number;
  readonly #refuseWith: 'status' | 'reconnect';
  readonly #shedRefuseWith: 'status' | 'reconnect';
  readonly #shedder: LoadShedder;
  readonly #counts: KeyCount[] = [];
  readonly #replacing: ReplacingLimit[] = [];

  constructor(ledger: Ledger, limits: SseLimitOptions, probe: LoadProbe) {
    const { maxStreams, per = {}, refuseWith, replacedEvent, shed = {} } = limits;
    this.#ledger = ledger;
    this.#maxStreams = maxStreams ?? Number.POSITIVE_INFINITY;
    this.#refuseWith = refuseWith ?? 'status';
    this.#shedRefuseWith = shed.refuseWith ?? 'reconnect';
    this.#shedder = new LoadShedder(shed, probe);
    for (const [key, limit] of Object.entries(per)) {
      this.#add(key, typeof limit === 'number' ? { max: limit } : limit, replacedEvent ?? 'replaced');
    }
  }

  admit(info: SseStreamInfo): CountedRefusal | undefined {
    if (isUnlimited(info)) {
      return undefined;
    }
    const { keys } = info;
    const full = this.#counts.find((count) => count.isFull(keys));
    if (full) {
      const why = `Too many streams: there may be ${full.max} of the same ${full.key} at once`;
      return { status: 429, reason: 'key-limit', why, refuseWith: this.#refuseWith };
    }
    if (this.#ledger.unfinishedCount >= this.#maxStreams) {
      const why = 'There are as many streams as there may be';
      return { status: 503, reason: 'max-streams', why, refuseWith: this.#refuseWith };
    }
    if (this.#shedder.overloaded) {
      const why = 'The server has too much to do';
      return { status: 503, reason: 'load', why, refuseWith: this.#shedRefuseWith };
    }
    for (const limit of this.#replacing) {
      limit.makeRoom(keys);
    }
    return undefined;
  }

  #add(key: string, { max, onFull }: SseKeyLimit, replacedEvent: string): void {
    if (onFull === 'replace-oldest') {
      const limit = new ReplacingLimit(key, max, replacedEvent, this.#ledger);
      this.#replacing.push(limit);
      this.#ledger.watch(limit);
    } else {
      const count = new KeyCount(key, max);
      this.#counts.push(count);
      this.#ledger.watch(count);
    }
  }
}
