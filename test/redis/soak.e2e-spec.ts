import { setInterval as every } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { SeededRandom } from '../channel/support/seeded-random.js';
import { CompiledApps } from '../pusher/support/compiled-app.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';
import { CHANNELS, SoakInstances } from './support/soak-instance.js';
import { SoakLog } from './support/soak-log.js';
import { SoakStream } from './support/soak-stream.js';

/** `npm run test:soak` sets it; without it there is nothing here to run. */
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 0);
const SEED = Number(process.env['SOAK_SEED'] ?? 1);
const INSTANCES = 3;
const STREAMS = 500;
const BROADCAST = '';

/** How often something happens, in milliseconds. */
const PACE = { stir: 100, readLog: 1000, cutRedis: 700, killInstance: 4000 };

/** For streams that have everything but its end. */
const PATIENCE_MS = 60_000;

jest.setTimeout(MINUTES * 60_000 + 4 * PATIENCE_MS);

if (MINUTES === 0) console.warn('The soak of the Redis backplane is SKIPPED. Set SOAK_MINUTES, or: npm run test:soak');

const soak = MINUTES > 0 ? it : it.skip;

describeWithOwnRedis(
  'three instances that are killed, whose connections are killed, and 500 streams that move about',
  () => {
    const random = new SeededRandom(SEED);
    const streams = Array.from({ length: STREAMS }, (_, n) => {
      const channels = Array.from({ length: 1 + (n % 3) }, () => random.pick(CHANNELS));
      return { stream: new SoakStream(channels), follows: new Set([BROADCAST, ...channels]) };
    });
    let apps: CompiledApps;
    let redis: Redis;
    let log: SoakLog;
    let instances: SoakInstances;
    let cuts = 0;

    beforeAll(async () => {
      if (MINUTES === 0) return;
      const server = await RedisServer.start();
      apps = await CompiledApps.build();
      redis = new Redis(server.url);
      log = new SoakLog(redis, [BROADCAST, ...CHANNELS]);
      instances = new SoakInstances(apps, server.url, random);
      await Promise.all(Array.from({ length: INSTANCES }, () => instances.start()));
    }, 60_000);

    afterAll(async () => {
      for (const { stream } of streams) stream.cut();
      redis?.disconnect();
      await apps?.remove();
    });

    /** Some leave, and those that are away come back, to whichever instance there is. */
    const stir = (leaving: number, coming: number) => {
      for (const { stream } of streams) {
        if (!stream.isConnected && random.chance(coming)) stream.connect(random.pick(instances.ports));
        else if (stream.isConnected && random.chance(leaving)) stream.cut();
      }
    };

    /** Kills one connection of an instance to Redis, of commands or of subscriptions, or all of them. */
    const cutRedis = async () => {
      const own = await redis.client('ID');
      const list = String(await redis.client('LIST'));
      const others = [...list.matchAll(/^id=(\d+) /gm)].map(([, id]) => Number(id)).filter((id) => id !== own);
      const victims = random.chance(0.1) ? others : others.length > 0 ? [random.pick(others)] : [];
      for (const id of victims) cuts += (await redis.client('KILL', 'ID', id)) as number;
    };

    const during = async (signal: AbortSignal, ms: number, work: () => unknown) => {
      try {
        for await (const _ of every(ms, undefined, { signal })) await work();
      } catch (error) {
        if ((error as Error).name !== 'AbortError') throw error;
      }
    };

    const everything = async () => {
      const done = new AbortController();
      await during(AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), done.signal]), PACE.stir, () => {
        stir(0, 1);
        if (streams.every(({ stream }) => stream.got.at(-1) === 'last')) done.abort();
      });
    };

    soak(`gets every message once and in order to every stream, for ${MINUTES} minutes`, async () => {
      stir(0, 1);
      await instances.publish();
      const time = AbortSignal.timeout(MINUTES * 60_000);
      await Promise.all([
        during(time, PACE.stir, () => stir(0.01, 0.2)),
        during(time, PACE.readLog, () => log.read()),
        during(time, PACE.cutRedis, cutRedis),
        during(time, PACE.killInstance, () => instances.replaceOne()),
      ]);
      await instances.silence();
      await everything();
      await log.read();

      const said = instances.said();
      const placed = new Map(log.messages.map(({ data, seq }) => [data, seq]));
      const connections = streams.reduce((sum, { stream }) => sum + stream.connections, 0);
      const summary = {
        seed: SEED,
        messages: log.messages.length,
        deliveries: streams.reduce((sum, { stream }) => sum + stream.got.length, 0),
        reconnects: connections - STREAMS,
        killedInstances: instances.kills,
        killedConnections: cuts,
        gaps: streams.flatMap(({ stream }) => stream.gaps).length,
        failed: said.filter(({ id }) => !id).length,
      };
      console.log(JSON.stringify(summary));

      expect(placed.size).toBe(log.messages.length);
      for (const { data, id, mayBePlaced } of said) {
        const seq = placed.get(data);
        if (id) expect(`${data} ${id}`).toMatch(new RegExp(`^${data} \\w+-${seq}$`));
        else if (!mayBePlaced) expect([data, seq]).toEqual([data, undefined]);
      }
      expect(streams.flatMap(({ stream }) => stream.gaps)).toEqual([]);
      const wrong = streams.flatMap(({ stream: { got, ways }, follows }, n) => {
        const expected = log.of(follows).map(({ data }) => data);
        const at = expected.findIndex((data, index) => got[index] !== data);
        return at < 0 && got.length === expected.length
          ? []
          : [
              {
                n,
                ...difference(got, expected),
                expected: expected.slice(Math.max(0, at - 2), at + 8),
                ways: ways.slice(Math.max(0, at - 2), at + 12),
              },
            ];
      });
      expect(wrong.slice(0, 3)).toEqual([]);
      expect(instances.complaints()).toEqual([]);
    });
  },
);

function difference(got: readonly string[], expected: readonly string[]) {
  const [had, wanted] = [new Set(got), new Set(expected)];
  const order = new Map(expected.map((data, index) => [data, index]));
  return {
    missing: expected.filter((data) => !had.has(data)),
    doubled: got.filter((data, index) => got.indexOf(data) !== index),
    disordered: got.filter((data, index) => index > 0 && order.get(data)! < order.get(got[index - 1]!)!),
    foreign: got.filter((data) => !wanted.has(data)),
  };
}
