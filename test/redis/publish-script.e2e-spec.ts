import { once } from 'node:events';
import { afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Batch, type Placed, type Placement } from '../../lib/redis/batch.js';
import { IoredisLink } from '../../lib/redis/ioredis-link.js';
import { NewestPositions } from '../../lib/redis/newest-positions.js';
import { RedisKeys } from '../../lib/redis/redis-keys.js';
import { PUBLISH } from '../../lib/redis/scripts/publish.js';
import { eventually } from '../pusher/support/eventually.js';
import { describeWithOwnRedis } from './support/redis-describe.js';
import { RedisServer } from './support/redis-server.js';

const KEYS = new RedisKeys('sse');
const LIMITS = { events: 10, ageMs: 60_000 };

function message(text: string, channel = 'a'): Placement {
  const entry = `\ndata: ${text}\n\n`;
  return { channel, entry, bytes: Buffer.byteLength(entry), limits: LIMITS, tombstoneMs: undefined };
}

function end(channel = 'a', tombstoneMs = 60_000): Placement {
  return { channel, entry: undefined, bytes: 0, limits: LIMITS, tombstoneMs };
}

describeWithOwnRedis('the script that publishes', () => {
  let server: RedisServer;
  let redis: Redis;
  let newest: NewestPositions;

  beforeAll(async () => {
    server = await RedisServer.start();
  });

  beforeEach(async () => {
    await server.cli('FLUSHALL');
    redis = new Redis(server.url);
    await once(redis, 'ready');
    newest = new NewestPositions();
  });

  afterEach(() => redis.disconnect());

  /** @param first the first batch that had no answer; this one unless told */
  async function publish(number: number, placements: Placement[], { first = number, producer = 'me' } = {}) {
    const batch = new Batch(number, placements);
    const args = batch.args({ control: KEYS.control, head: newest.newest, first, newest });
    const answer = await PUBLISH.run(new IoredisLink(redis as never, false), batch.keys(KEYS, producer), args);
    const placed: Placed[] = [];
    batch.read(answer as string, (_, outcome) => placed.push(outcome));
    return placed as number[];
  }

  /** Entries of a channel, as `<position>-<half> <p> <message>`. */
  async function kept(channel = 'a'): Promise<string[]> {
    const entries = await redis.xrange(KEYS.channel(channel), '-', '+');
    return entries.map(([id, [, p, , , , m]]) => `${id} ${p} ${m?.trim()}`);
  }

  /** What is announced on a channel, from now on; it comes over a connection of its own, so in its own time. */
  async function announcements(channel = 'a'): Promise<string[]> {
    const heard: string[] = [];
    const listener = redis.duplicate();
    listener.on('message', (_, payload: string) => heard.push(payload));
    await listener.subscribe(KEYS.channel(channel));
    redis.once('end', () => listener.disconnect());
    return heard;
  }

  it('answers a batch that comes again as it did, and the one before it too, but none that is older', async () => {
    const first = await publish(1, [message('1'), message('b', 'b')]);
    const second = await publish(2, [message('2')], { first: 1 });
    expect(await publish(1, [message('1'), message('b', 'b')])).toEqual(first);
    expect(await publish(2, [message('2')])).toEqual(second);
    expect(await publish(3, [message('3')], { first: 2 })).toEqual([second[0]! + 1]);
    await expect(publish(1, [message('1')])).rejects.toThrow('STALE');
    expect((await kept()).map((entry) => entry.split(' data: ')[1])).toEqual(['1', '2', '3']);
  });

  it('places none that was sent before the answer to one that is not placed, also when nothing is known of that', async () => {
    await expect(publish(2, [message('2')], { first: 1 })).rejects.toThrow('EARLY');
    await publish(1, [message('1')]);
    await expect(publish(3, [message('3')], { first: 1 })).rejects.toThrow('EARLY');
    await publish(2, [message('2')], { first: 1 });
    await server.cli('DEL', KEYS.producer('me'));
    await expect(publish(3, [message('3')], { first: 2 })).rejects.toThrow('EARLY');
    await publish(3, [message('3')]);
    expect((await kept()).map((entry) => entry.split(' data: ')[1])).toEqual(['1', '2', '3']);
  });

  it('goes on after one that was given up', async () => {
    await publish(1, [message('1')]);
    await publish(3, [message('3')]);
    await expect(publish(2, [message('2')], { first: 2 })).rejects.toThrow('STALE');
    await expect(publish(2, [message('2')], { first: 1 })).rejects.toThrow('STALE');
  });

  it('takes apart messages of any text', async () => {
    const texts = ['é', 'plain', '€😀', '', '\ud800'];
    await publish(1, [...texts.map((text) => message(text)), message('ü', 'b')]);
    expect((await kept()).map((entry) => entry.split(' data:')[1]!.trim())).toEqual([...texts.slice(0, 4), '\ufffd']);
    expect((await kept('b'))[0]).toMatch(/ data: ü$/);
  });

  it('takes apart what belongs to channels that are refused', async () => {
    await server.cli('SET', KEYS.channel('wrong'), 'x');
    await publish(1, [end('closed')]);
    const placed = await publish(2, [
      message('é', 'wrong'),
      message('1'),
      message('€', 'closed'),
      message('2'),
      message('ö', 'wrong'),
    ]);
    expect(placed[0]).toMatchObject({ refused: expect.stringContaining('WRONGTYPE') });
    expect(placed[2]).toEqual({ closed: true });
    expect((await kept()).map((entry) => entry.split(' data: ')[1])).toEqual(['1', '2']);
  });

  it('says which message was before, whether it was told, or another process has published meanwhile', async () => {
    const heard = await announcements();
    const [one] = await publish(1, [message('1')]);
    newest.set('a', one!);
    const [two] = await publish(2, [message('2')]);
    const [three] = await publish(1, [message('3')], { producer: 'other' });
    newest.set('a', two!);
    const [four] = await publish(3, [message('4')]);
    expect((await kept()).slice(1).map((entry) => entry.split(' ')[1])).toEqual([`${one}`, `${two}`, `${three}`]);
    await eventually(() => heard.length === 4);
    expect(heard.slice(1).map((payload) => payload.split('\n')[0])).toEqual([
      `m${one} ${two}`,
      `m${two} ${three}`,
      `m${three} ${four}`,
    ]);
  });

  it('says which message was before when nothing is kept of the channel any more', async () => {
    const [one] = await publish(1, [message('1')]);
    newest.set('a', one!);
    await server.cli('DEL', KEYS.channel('a'));
    await publish(2, [message('2')]);
    expect((await kept())[0]).toContain(` ${one} data: 2`);
  });

  it('says what else may be lost when nothing is kept any more: others may have published since', async () => {
    const [one] = await publish(1, [message('1')]);
    const [two] = await publish(1, [message('2')], { producer: 'other' });
    newest.set('a', one!);
    // As when all of it has expired: no mark is as young.
    await server.cli('DEL', KEYS.channel('a'), KEYS.marks);
    await publish(2, [message('3')]);
    const [before, text] = (await kept())[0]!.split(' data: ');
    expect(text).toBe('3');
    expect(Number(before!.split(' ')[1])).toBeGreaterThanOrEqual(two!);
    expect(await redis.pttl(KEYS.channel('a'))).toBeGreaterThan(LIMITS.ageMs);
  });

  it('does not go by what it is told when the log has lost something since', async () => {
    const [one] = await publish(1, [message('1')]);
    const [other] = await publish(2, [message('other', 'b')]);
    await server.cli('DEL', KEYS.channel('a'));
    await server.cli('HSET', KEYS.state, 'run', 'another server');
    const [next] = await publish(3, [message('on the new one', 'b')]);
    const heard = await announcements();
    newest.set('a', one!);
    newest.set('b', next!);
    expect(next).toBeGreaterThan(other!);
    await publish(4, [message('2'), message('b', 'b')]);
    await eventually(() => heard.length === 1);
    expect(heard[0]).toMatch(/^m0 /);
  });

  it('finds an end that whoever publishes has not heard of', async () => {
    const [one] = await publish(1, [message('1')]);
    newest.set('a', one!);
    await publish(1, [end()], { producer: 'other' });
    expect(await publish(2, [message('2')])).toEqual([{ closed: true }]);
  });

  it('gives an end a position of its own when what is known of the channel is gone', async () => {
    const [one] = await publish(1, [message('1')]);
    newest.set('a', one!);
    await server.cli('DEL', KEYS.channel('a'));
    const [position] = await publish(2, [end()]);
    expect(position).toBeGreaterThan(one!);
  });

  it('lets no channel stay for ever', async () => {
    await publish(1, [message('1'), message('b', 'b'), end('c')]);
    await publish(2, [message('2')]);
    for (const channel of ['a', 'b', 'c']) {
      expect(await redis.pttl(KEYS.channel(channel))).toBeGreaterThan(LIMITS.ageMs);
    }
  });
});
