import { beforeEach, describe, expect, it } from '@jest/globals';
import type { BackplaneReceiver, ChannelEnd, OutgoingMessage, PlacedMessage, SseBackplane } from '../../lib/index.js';

const RETENTION_MS = 60_000;
const HISTORY = { limitsOf: () => ({ events: 1000, bytes: 1024 * 1024, ageMs: RETENTION_MS }) };

/** One backplane that is started, and what it has delivered. */
class Listener implements BackplaneReceiver {
  readonly delivered: PlacedMessage[] = [];
  readonly ends: { channel: string; end: ChannelEnd; after: number }[] = [];
  readonly advances: number[] = [];
  readonly losses: { channel: string; through: number }[] = [];
  readonly ruptures: number[] = [];

  constructor(readonly backplane: SseBackplane) {}

  deliver(message: PlacedMessage): void {
    this.delivered.push(message);
  }

  closed(channel: string, end: ChannelEnd): void {
    this.ends.push({ channel, end, after: this.delivered.length });
  }

  advanced(seq: number): void {
    this.advances.push(seq);
  }

  lost(channel: string, through: number): void {
    this.losses.push({ channel, through });
  }

  ruptured(through: number): void {
    this.ruptures.push(through);
  }

  bodies(channel: string): string[] {
    return this.delivered.filter((message) => message.channel === channel).map(({ body }) => body);
  }
}

function message(channel: string, text: string, key?: string): OutgoingMessage {
  return { channel, body: `data: ${text}\n\n`, key };
}

/**
 * What every backplane must do, as its port says. Run it over each implementation.
 *
 * @param join makes one more member of the same backplane, of a fresh one after `reset`; undefined when it has one member only
 * @param settled resolves when what was published is delivered everywhere
 */
export function backplaneContract(
  name: string,
  parts: {
    reset(): void | Promise<void>;
    join(): SseBackplane;
    readonly members: number;
    settled(): Promise<void>;
  },
): void {
  describe(`${name} as a backplane`, () => {
    let listeners: Listener[];

    beforeEach(async () => {
      await parts.reset();
      listeners = [];
      for (let member = 0; member < parts.members; member++) {
        const listener = new Listener(parts.join());
        await listener.backplane.start(listener, HISTORY);
        listeners.push(listener);
      }
    });

    const openAll = async (channel: string) => {
      for (const { backplane } of listeners) await backplane.open(channel, RETENTION_MS);
    };

    it('has an epoch that fits into an id, another one for another log', async () => {
      const [first] = listeners;
      expect(first!.backplane.epoch).toMatch(/^[0-9A-Za-z]{1,32}$/);
      expect(listeners.every(({ backplane }) => backplane.epoch === first!.backplane.epoch)).toBe(true);
      await parts.reset();
      const anew = new Listener(parts.join());
      await anew.backplane.start(anew, HISTORY);
      expect(anew.backplane.epoch).not.toBe(first!.backplane.epoch);
    });

    it('gives positions that increase over all channels, in the order of the calls', async () => {
      await openAll('a');
      await openAll('b');
      const [{ backplane }] = listeners as [Listener];
      const placed = Array.from({ length: 100 }, (_, n) => backplane.publish(message(n % 3 ? 'a' : 'b', `${n}`)));
      const seqs = await Promise.all(placed);
      expect(seqs[0]).toBeGreaterThanOrEqual(1);
      expect(seqs.every((seq, n) => Number.isSafeInteger(seq) && (n === 0 || seq > seqs[n - 1]!))).toBe(true);
      await parts.settled();
      for (const listener of listeners) {
        expect(listener.delivered.map(({ seq }) => seq)).toEqual(seqs);
        expect(listener.delivered.map(({ body }) => body)).toEqual(seqs.map((_, n) => `data: ${n}\n\n`));
      }
    });

    it('delivers every message once, with its key, to all members that have opened the channel', async () => {
      await openAll('a');
      await Promise.all(
        listeners.map(async ({ backplane }, member) => {
          for (let n = 0; n < 20; n++) await backplane.publish(message('a', `${member}:${n}`, `key ${n}`));
        }),
      );
      await parts.settled();
      const [first] = listeners;
      expect(new Set(first!.bodies('a')).size).toBe(20 * listeners.length);
      for (const listener of listeners) {
        expect(listener.delivered).toEqual(first!.delivered);
        expect(listener.delivered.map(({ seq }) => seq)).toEqual(
          [...listener.delivered.map(({ seq }) => seq)].sort((a, b) => a - b),
        );
      }
      expect(first!.delivered[0]?.key).toBe('key 0');
    });

    it('compares names exactly, the empty one of broadcasts among them', async () => {
      const names = ['', 'a', 'A', 'a*', 'a:b', 'a\0b', '{a}', ' a', 'ä', 'a\u0308'];
      for (const channel of names) await openAll(channel);
      for (const channel of names) await listeners[0]!.backplane.publish(message(channel, `to ${channel.length}`));
      await parts.settled();
      for (const listener of listeners) {
        expect(listener.delivered.map(({ channel }) => channel)).toEqual(names);
      }
    });

    it('opens a channel without losing a message: each is among the kept ones, delivered, or below the floor', async () => {
      const [writer] = listeners as [Listener];
      const reader = listeners.at(-1)!;
      const published: number[] = [];
      const publishing = (async () => {
        for (let n = 0; n < 50; n++) published.push(await writer.backplane.publish(message('a', `${n}`)));
      })();
      await writer.backplane.publish(message('b', 'elsewhere'));
      const opening = reader.backplane.open('a', RETENTION_MS);
      expect('then' in opening && !reader.backplane.keepsHistory).toBe(false);
      const start = await opening;
      await publishing;
      await parts.settled();
      const kept = start.messages.map(({ seq }) => seq);
      const delivered = reader.delivered.filter(({ channel }) => channel === 'a').map(({ seq }) => seq);
      const had = new Set([...kept, ...delivered]);
      expect(published.filter((seq) => !had.has(seq) && seq > start.floor)).toEqual([]);
      expect(start.end).toBeUndefined();
      expect(kept).toEqual([...kept].sort((a, b) => a - b));
      expect(kept.every((seq) => seq > start.floor && seq <= start.seq)).toBe(true);
      if (reader.backplane.keepsHistory) {
        expect(published.filter((seq) => !had.has(seq))).toEqual([]);
      }
    });

    it('reads once more what is kept of a channel that is open, and goes on delivering it once', async () => {
      await openAll('a');
      const [writer] = listeners as [Listener];
      const reader = listeners.at(-1)!;
      const published = [
        await writer.backplane.publish(message('a', '1', 'k')),
        await writer.backplane.publish(message('a', '2')),
      ];
      await parts.settled();
      const { floor, seq, messages, end } = await reader.backplane.open('a', RETENTION_MS);
      expect(end).toBeUndefined();
      expect(seq).toBeGreaterThanOrEqual(published[1]!);
      if (reader.backplane.keepsHistory) {
        expect(floor).toBeLessThan(published[0]!);
        expect(messages).toMatchObject([
          { channel: 'a', seq: published[0], body: 'data: 1\n\n', key: 'k' },
          { channel: 'a', seq: published[1], body: 'data: 2\n\n', key: undefined },
        ]);
        expect(messages.every(({ ageMs = 0 }) => ageMs >= 0 && ageMs < RETENTION_MS)).toBe(true);
      }
      await writer.backplane.publish(message('a', '3'));
      await parts.settled();
      expect(reader.bodies('a')).toEqual(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']);
    });

    it('delivers when asked what was placed before, and says up to where, for channels that nobody follows too', async () => {
      const [writer] = listeners as [Listener];
      const reader = listeners.at(-1)!;
      await reader.backplane.open('a', RETENTION_MS);
      for (let n = 0; n < 10; n++) await writer.backplane.publish(message('a', `${n}`));
      const elsewhere = await writer.backplane.publish(message('b', 'elsewhere'));
      await reader.backplane.sync();
      expect(reader.bodies('a')).toHaveLength(10);
      if (reader.backplane.keepsHistory) {
        expect(Math.max(...reader.advances)).toBeGreaterThanOrEqual(elsewhere);
      }
    });

    it('ends a channel after its last message, refuses further ones, and remembers the end', async () => {
      await openAll('a');
      const [{ backplane }] = listeners as [Listener];
      await backplane.publish(message('a', '1'));
      const seq = await backplane.close('a', 60_000, message('a', 'final'));
      await parts.settled();
      for (const listener of listeners) {
        expect(listener.bodies('a')).toEqual(['data: 1\n\n', 'data: final\n\n']);
        expect(listener.ends).toMatchObject([{ channel: 'a', end: { seq }, after: 2 }]);
        const refused = async () => listener.backplane.publish(message('a', 'late'));
        await expect(refused()).rejects.toMatchObject({ code: 'SSE_CHANNEL', problem: 'closed', channel: 'a' });
        expect(await listener.backplane.close('a', 60_000, message('a', 'again'))).toBe(seq);
        const { end } = await listener.backplane.open('a', RETENTION_MS);
        expect(end?.seq).toBe(seq);
        expect(end?.tombstoneMs).toBeGreaterThan(50_000);
        expect(end?.tombstoneMs).toBeLessThanOrEqual(60_000);
      }
      await parts.settled();
      expect(listeners[0]!.bodies('a')).toHaveLength(2);
    });

    it('ends a channel without a last message, and without a memory of it', async () => {
      await openAll('a');
      const [{ backplane }] = listeners as [Listener];
      const seq = await backplane.publish(message('a', '1'));
      expect(await backplane.close('a', 0)).toBe(seq);
      await parts.settled();
      expect(listeners.map(({ ends }) => ends.length)).toEqual(listeners.map(() => 1));
      expect((await backplane.open('a', RETENTION_MS)).end).toBeUndefined();
      expect(await backplane.publish(message('a', '2'))).toBeGreaterThan(seq);
    });

    it('lets go of a channel, and can open it again', async () => {
      await openAll('a');
      const [{ backplane }] = listeners as [Listener];
      const reader = listeners.at(-1)!;
      await reader.backplane.release('a');
      await backplane.publish(message('a', '1'));
      await parts.settled();
      if (reader.backplane.keepsHistory) {
        expect(reader.bodies('a')).toEqual([]);
      }
      const start = await reader.backplane.open('a', RETENTION_MS);
      await backplane.publish(message('a', '2'));
      await parts.settled();
      const bodies = [...start.messages.map(({ body }) => body), ...reader.bodies('a')];
      expect(bodies).toEqual(['data: 1\n\n', 'data: 2\n\n']);
    });

    it('says how it does at any time, if it says so: down before its start, up, and down after its stop', async () => {
      const { signal } = new AbortController();
      const fresh = parts.join();
      const all = listeners.map(({ backplane }) => backplane);
      const statuses = (of: SseBackplane[]) =>
        Promise.all(of.map(async (each) => (await each.health?.(signal))?.status));
      const saying = (status: string) => (fresh.health ? status : undefined);
      expect(await statuses([fresh])).toEqual([saying('down')]);
      await openAll('a');
      expect(await statuses(all)).toEqual(all.map(() => saying('up')));
      for (const backplane of all) await backplane.stop();
      expect(await statuses(all)).toEqual(all.map(() => saying('down')));
    });

    it('stops', async () => {
      await openAll('a');
      for (const { backplane } of listeners) await backplane.stop();
    });
  });
}
