import { expect, it } from '@jest/globals';
import type { BackplaneReceiver, PlacedMessage, SseBackplane } from '../../lib/index.js';
import { redisBackplane } from '../../lib/redis/index.js';
import { SeededRandom } from '../channel/support/seeded-random.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';

const AGE_MS = 60_000;
const HISTORY = { limitsOf: () => ({ events: 10_000, bytes: 16 * 1024 * 1024, ageMs: AGE_MS }) };
const CHANNELS = ['', 'a', 'b', 'c'];
const STEPS = 250;
const FIRST = Number(process.env['MODEL_FIRST'] ?? 1);
const SEEDS = Array.from({ length: Number(process.env['MODEL_SEEDS'] ?? 3) }, (_, n) => FIRST + n);

/** A channel from when it was opened to when it was let go of, and what of it was had in between. */
interface Listening {
  readonly channel: string;
  readonly floor: number;
  readonly had: number[];
  /** Up to where something was told as lost. */
  readonly losses: number[];
}

/** A process of the model: it sees what the backplane tells, and says at once what must never be. */
class Process implements BackplaneReceiver {
  readonly wrongs: string[] = [];
  readonly early = new Map<string, PlacedMessage[]>();
  readonly open = new Map<string, Listening>();
  backplane!: SseBackplane;
  #newest = 0;
  #advanced = 0;

  deliver(message: PlacedMessage): void {
    const { channel, seq } = message;
    if (seq <= this.#newest) this.wrongs.push(`${seq} of "${channel}" after ${this.#newest}`);
    if (seq <= this.#advanced && this.open.has(channel)) {
      this.wrongs.push(`${seq} of "${channel}" though all was delivered up to ${this.#advanced}`);
    }
    this.#newest = Math.max(this.#newest, seq);
    this.open.get(channel)?.had.push(seq);
    this.early.get(channel)?.push(message);
  }

  closed(): void {}

  advanced(seq: number): void {
    this.#advanced = Math.max(this.#advanced, seq);
  }

  lost(channel: string, through: number): void {
    this.open.get(channel)?.losses.push(through);
  }

  ruptured(): void {}

  async listen(channel: string): Promise<void> {
    const early: PlacedMessage[] = [];
    this.early.set(channel, early);
    try {
      const { floor, messages } = await this.backplane.open(channel, AGE_MS);
      const kept = messages.map(({ seq }) => seq);
      const since = early.map(({ seq }) => seq).filter((seq) => seq > (kept.at(-1) ?? 0));
      this.open.set(channel, { channel, floor, had: [...kept, ...since], losses: [] });
    } finally {
      this.early.delete(channel);
    }
  }
}

describeWithOwnRedis('processes that share a log in Redis', () => {
  it.each(SEEDS)(
    'have every message of what they follow, once and in order, whatever breaks (seed %i)',
    async (seed) => {
      const server = await RedisServer.start();
      const random = new SeededRandom(seed);
      const placed = new Map<string, number[]>(CHANNELS.map((channel) => [channel, []]));
      const finished: Listening[] = [];
      const processes: Process[] = [];
      const all: Process[] = [];
      const pending: Promise<unknown>[] = [];
      const opening = new Set<string>();

      const join = async () => {
        const process = new Process();
        process.backplane = redisBackplane({ url: server.url, publishTimeoutMs: 0, requestTimeoutMs: 60_000 });
        await process.backplane.start(process, HISTORY);
        processes.push(process);
        all.push(process);
      };
      const letGo = (process: Process, channel: string) => {
        const listening = process.open.get(channel)!;
        process.open.delete(channel);
        finished.push(listening);
        return process.backplane.release(channel);
      };
      const publish = async (process: Process, channel: string, text: string) => {
        const seq = await process.backplane.publish({ channel, body: `data: ${text}\n\n`, key: undefined });
        placed.get(channel)!.push(seq);
      };
      /** More than fits one call of the script. */
      const burst = (process: Process) => {
        const texts = Array.from({ length: 550 + random.int(1000) }, (_, n) => `burst ${n}`);
        return Promise.all(texts.map((text) => publish(process, random.pick(CHANNELS), text)));
      };
      const toggle = async (process: Process, channel: string) => {
        const id = `${all.indexOf(process)} ${channel}`;
        if (opening.has(id)) return;
        if (process.open.has(channel)) {
          // What fails because the connection is gone has nobody to tell.
          await Promise.resolve(letGo(process, channel)).catch(() => {});
          return;
        }
        opening.add(id);
        await process.listen(channel).finally(() => opening.delete(id));
      };
      // One at a time, for one of them would end the connection of another one.
      let administered: Promise<unknown> = Promise.resolve();
      const administer = (...command: [string, ...string[]]) => {
        administered = administered.then(() => server.cli(...command));
        return administered;
      };
      const act = (): Promise<unknown> => {
        const process = random.pick(processes);
        const channel = random.pick(CHANNELS);
        const choice = random.int(100);
        if (choice < 3) return burst(process);
        if (choice < 60) return publish(process, channel, `${choice}`);
        if (choice < 80) return toggle(process, channel);
        if (choice < 88) return Promise.resolve(process.backplane.sync());
        if (choice < 92) return Promise.resolve(process.backplane.close(random.pick(['b', 'c']), 0));
        if (choice < 95) return administer('CLIENT', 'KILL', 'TYPE', 'pubsub');
        if (choice < 98) return administer('CLIENT', 'KILL', 'TYPE', 'normal');
        return administer('SCRIPT', 'FLUSH');
      };

      try {
        for (let n = 0; n < 3; n++) await join();
        for (let step = 0; step < STEPS; step++) {
          pending.push(act());
          if (random.chance(0.3)) await pending[random.int(pending.length)];
        }
        await Promise.all(pending);
        await Promise.all(processes.map(async ({ backplane }) => backplane.sync()));

        expect(all.flatMap(({ wrongs }) => wrongs)).toEqual([]);
        const following = processes.flatMap(({ open }) => [...open.values()]);
        expect(following.length + finished.length).toBeGreaterThan(5);
        for (const { channel, floor, had, losses } of [...following, ...finished]) {
          expect(had).toEqual([...new Set(had)].sort((a, b) => a - b));
          const isOpen = following.some((each) => each.had === had);
          const last = isOpen ? Number.POSITIVE_INFINITY : Math.max(0, ...had.slice(-1), ...losses);
          const due = placed.get(channel)!.filter((seq) => seq > floor && seq <= last);
          expect(had.filter((seq) => !due.includes(seq) && seq > floor)).toEqual([]);
          const missed = due.filter((seq) => !had.includes(seq));
          expect(missed.filter((seq) => seq > Math.max(0, ...losses))).toEqual([]);
          expect(losses.filter((through) => !missed.some((seq) => seq <= through))).toEqual([]);
        }
      } finally {
        await Promise.all(all.map(async ({ backplane }) => backplane.stop()));
        await server.remove();
      }
    },
  );
});
