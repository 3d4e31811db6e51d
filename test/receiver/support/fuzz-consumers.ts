import { lastValueFrom, map, takeWhile } from 'rxjs';
import type { ReceivedMessage } from '../../../lib/protocol/index.js';
import type { SseSubscription } from '../../../lib/receiver/index.js';
import type { SeededRandom } from '../../channel/support/seeded-random.js';
import { turns } from './consumers.js';

/** What one consumer got while it was there, and how far it had finished it. */
export class Stay {
  readonly ids: number[] = [];
  /** The id up to which it has certainly finished. */
  finished = 0;
  /** Whether it saw the end of the stream, rather than leave before. */
  hasEnded = false;
  private left: number;

  /** @param isKept whether a store keeps the cursor: what a loop was left at counts as unfinished then */
  constructor(
    readonly way: Way,
    private readonly random: SeededRandom,
    readonly isKept: boolean,
  ) {
    this.left = random.chance(0.3) ? Number.POSITIVE_INFINITY : 1 + random.int(80);
  }

  take({ data }: ReceivedMessage): number {
    const id = Number.parseInt(data, 10);
    this.ids.push(id);
    this.left -= 1;
    return id;
  }

  finish(id: number | undefined): void {
    this.finished = id ?? this.finished;
  }

  /** Whether it has had enough. */
  get isSated(): boolean {
    return this.left <= 0;
  }

  /** Is slow, now and then. */
  async pause(): Promise<void> {
    const roll = this.random.next();
    if (roll < 0.2) await turns(1);
    else if (roll < 0.23) await turns(this.random.int(200));
  }
}

/** Each consumes until the end, which it tells by `true`, or until it has had enough. */
const waysToConsume = {
  'for-await': async (subscription: SseSubscription, stay: Stay) => {
    for await (const message of subscription) {
      stay.finish(stay.ids.at(-1));
      const id = stay.take(message);
      await stay.pause();
      if (!stay.isSated) continue;
      if (!stay.isKept) stay.finish(id);
      return false;
    }
    return true;
  },

  process: async (subscription: SseSubscription, stay: Stay) => {
    const enough = new Error('It has had enough');
    try {
      await subscription.process(async (message) => {
        const id = stay.take(message);
        await stay.pause();
        if (stay.isSated) throw enough;
        stay.finish(id);
      });
    } catch (error) {
      if (error !== enough) throw error;
      return false;
    }
    return true;
  },

  concatMap: (subscription: SseSubscription, stay: Stay) =>
    new Promise<boolean>((resolve, reject) => {
      const project = async (message: ReceivedMessage) => {
        const id = stay.take(message);
        await stay.pause();
        return id;
      };
      const consumer = subscription.concatMap(project).subscribe({
        next: (id) => {
          stay.finish(id - 1);
          if (!stay.isSated) return;
          setImmediate(() => {
            consumer.unsubscribe();
            resolve(false);
          });
        },
        error: reject,
        complete: () => resolve(true),
      });
    }),

  'several next() at once': async (subscription: SseSubscription, stay: Stay) => {
    const iterator = subscription[Symbol.asyncIterator]();
    const next = async () => {
      const { done, value } = await iterator.next();
      if (!done) stay.take(value);
      return done === true;
    };
    for (;;) {
      const ends = await Promise.all([next(), next(), next()]);
      stay.finish(stay.ids.at(-1));
      if (ends.includes(true)) return true;
      await stay.pause();
      if (!stay.isSated) continue;
      await iterator.return?.();
      await iterator.return?.();
      return false;
    }
  },

  messages$: async (subscription: SseSubscription, stay: Stay) => {
    const taken$ = subscription.messages$.pipe(
      map((message) => stay.finish(stay.take(message))),
      takeWhile(() => !stay.isSated, true),
    );
    await lastValueFrom(taken$, { defaultValue: undefined });
    return !stay.isSated;
  },
};

export type Way = keyof typeof waysToConsume;

export const ALL_WAYS = Object.keys(waysToConsume) as Way[];
/** Those that tell when a message is finished, as a store requires. */
export const WAYS_THAT_FINISH: Way[] = ['for-await', 'process', 'concatMap'];

/** Consumes in a way that the dice choose, and notes it before it begins. */
export async function consume(
  subscription: SseSubscription,
  random: SeededRandom,
  { stays, ways, isKept = false }: { stays: Stay[]; ways: readonly Way[]; isKept?: boolean },
): Promise<Stay> {
  const stay = new Stay(random.pick(ways), random, isKept);
  stays.push(stay);
  stay.hasEnded = await waysToConsume[stay.way](subscription, stay);
  return stay;
}
