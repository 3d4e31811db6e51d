import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  MemoryCursorStore,
  type SseCursorStore,
  type SseReceiverOptions,
  SseReceiverService,
} from '../../lib/receiver/index.js';
import { SeededRandom } from '../channel/support/seeded-random.js';
import { AT_ONCE, turns } from './support/consumers.js';
import { ALL_WAYS, consume, type Stay, WAYS_THAT_FINISH } from './support/fuzz-consumers.js';
import { FuzzServer } from './support/fuzz-server.js';

/** `npm run test:fuzz` runs many more. */
const SEEDS = Number(process.env.FUZZ_SEEDS ?? 12);
const FIRST_SEED = Number(process.env.FUZZ_FIRST ?? 1);
/** Within which a seed would have failed, or hangs. */
const PATIENT_MS = 30_000;

describe('a server that breaks in every way, and consumers that come and go', () => {
  const seeds = Array.from({ length: SEEDS }, (_, index) => FIRST_SEED + index);
  let receiver: SseReceiverService;
  let server: FuzzServer;
  let last: number;
  let url: string;
  let stays: Stay[];

  beforeEach(() => {
    receiver = new SseReceiverService();
    stays = [];
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  async function startServer(random: SeededRandom): Promise<void> {
    last = 50 + random.int(250);
    server = new FuzzServer(new SeededRandom(random.int(2 ** 32)), last);
    url = await server.start();
  }

  const subscribe = (options: SseReceiverOptions = {}) =>
    receiver.subscribe(url, { idleTimeoutMs: 30, firstByteTimeoutMs: 200, retry: AT_ONCE, ...options });

  /** Each message once, in order, from the first one that it got. */
  function expectNoneMissing({ way, ids }: Stay): void {
    const [first = 0] = ids;
    expect({ way, ids }).toEqual({ way, ids: ids.map((_, index) => first + index) });
  }

  it.each(seeds)(
    'one consumer at a time misses nothing, and gets only what was unfinished again (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed);
      await startServer(random);
      const subscription = subscribe({ decompress: random.chance(0.3) });
      while (!(await consume(subscription, random, { stays, ways: ALL_WAYS })).hasEnded) {
        if (random.chance(0.5)) await turns(1);
      }
      let upTo = 0;
      let finished = 0;
      for (const stay of stays) {
        expectNoneMissing(stay);
        const { way, ids } = stay;
        const [first] = ids;
        if (first === undefined) continue;
        const beginsWell = first > finished && first <= upTo + 1;
        expect({ way, first, finished, upTo, beginsWell }).toEqual({ way, first, finished, upTo, beginsWell: true });
        upTo = ids.at(-1) as number;
        finished = Math.max(finished, stay.finished);
      }
      expect({ upTo, lastStays: stays.slice(-3) }).toEqual({ upTo: last, lastStays: stays.slice(-3) });
      await subscription.close();
      await server.deserted();
    },
    PATIENT_MS,
  );

  it.each(seeds)(
    'several consumers each miss nothing while they are there, and the cursor passes nothing that all missed (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed + 500_000);
      await startServer(random);
      const subscription = subscribe({ decompress: random.chance(0.3) });
      const comeAndGo = async (own: SeededRandom) => {
        while (!(await consume(subscription, own, { stays, ways: ALL_WAYS })).hasEnded) {
          if (own.chance(0.5)) await turns(1);
        }
      };
      const randoms = Array.from({ length: 2 + random.int(3) }, () => new SeededRandom(random.int(2 ** 32)));
      await Promise.all(randoms.map(comeAndGo));
      for (const stay of stays) {
        expectNoneMissing(stay);
        const { way, ids, hasEnded } = stay;
        if (hasEnded && ids.length > 0) expect({ way, upTo: ids.at(-1) }).toEqual({ way, upTo: last });
      }
      // All of them together may miss something: what one has left behind while others, who came later, went on. It comes
      // to whoever resumes, for the cursor stays before it.
      const got = new Set(stays.flatMap(({ ids }) => ids));
      const missed = Array.from({ length: last }, (_, index) => index + 1).filter((id) => !got.has(id));
      const cursor = Number(subscription.lastEventId);
      expect({ cursor, passed: missed.filter((id) => id <= cursor) }).toEqual({ cursor, passed: [] });
      await subscription.close();
      await server.deserted();
    },
    PATIENT_MS,
  );

  it.each(seeds)(
    'with a store, life after life misses nothing (seed %i)',
    async (seed) => {
      const random = new SeededRandom(seed + 700_000);
      await startServer(random);
      const cursorStore = unreliable(new MemoryCursorStore(), random);
      for (let hasEnded = false; !hasEnded; ) {
        const subscription = subscribe({ name: 'fuzz', cursorStore });
        ({ hasEnded } = await consume(subscription, random, { stays, ways: WAYS_THAT_FINISH, isKept: true }));
        // Some are only left, as by a process that is killed: the next life fences them off.
        if (random.chance(0.7)) await subscription.close();
      }
      let upTo = 0;
      for (const stay of stays) {
        expectNoneMissing(stay);
        const { way, ids } = stay;
        const [first] = ids;
        if (first === undefined) continue;
        expect({ way, first, upTo, isGap: first > upTo + 1 }).toEqual({ way, first, upTo, isGap: false });
        upTo = Math.max(upTo, ids.at(-1) as number);
      }
      expect({ upTo, lastStays: stays.slice(-3) }).toEqual({ upTo: last, lastStays: stays.slice(-3) });
      await receiver.onModuleDestroy();
      await server.deserted();
    },
    PATIENT_MS,
  );
});

/** Fails to load now and then, and is slow to save. */
function unreliable(store: SseCursorStore, random: SeededRandom): SseCursorStore {
  return {
    load: async (source) => {
      if (random.chance(0.2)) throw new Error('The store is being restarted');
      return store.load(source);
    },
    save: async (source, id, fence) => {
      if (random.chance(0.5)) await turns(1);
      return store.save(source, id, fence);
    },
  };
}
