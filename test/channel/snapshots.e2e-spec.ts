import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { NotFoundException } from '@nestjs/common';
import type { SseSnapshot, SseSnapshotContext } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { dataOf, eventsOf, lastIdOf, startChannelApp } from './support/channel-app.js';
import { SeededRandom } from './support/seeded-random.js';
import { StreamClient } from './support/stream-client.js';

describe.each(PLATFORMS)('snapshots on %s', (platform) => {
  it('with a position from before the log began anew are followed by everything that is kept', async () => {
    const { open, channels, close } = await startChannelApp(platform, {
      subscribe: { snapshot: async () => ({ message: { event: 'state', data: 'of old' }, position: 'before-7' }) },
    });
    await channels.publish('a', '1');
    await channels.publish('a', '2');
    const stream = await open('a');
    await stream.untilText('data: 2\n\n');
    await channels.publish('a', '3');
    await stream.untilText('data: 3\n\n');
    expect(dataOf(stream)).toEqual(['of old', '1', '2', '3']);
    await close();
  });

  it('come before every change after them, and after the position was taken', async () => {
    const asked: SseSnapshotContext[] = [];
    const reading = deferred<SseSnapshot>();
    const app = await startChannelApp(platform, {
      subscribe: {
        snapshot: (context) => {
          asked.push(context);
          return reading.promise;
        },
      },
    });
    await app.channels.publish('a', 'before');
    const opened = app.open('a');
    while (asked.length === 0) await nextTurn();
    await app.channels.publish('a', 'while it is read');
    reading.resolve({ event: 'state', data: [1, 2] });
    const stream = await opened;
    await stream.untilText('while it is read\n\n');
    expect(asked).toEqual([{ reason: 'first', channel: 'a' }]);
    expect(stream.text).toMatch(/^event: state\ndata: \[1,2\]\n\nid: \S+-1\n\nid: \S+-2\ndata: while it is read\n\n$/);
    await app.close();
  });

  it('leave out the changes that they hold already, when they say which those are', async () => {
    let position = '';
    const app = await startChannelApp(platform, {
      subscribe: { snapshot: async () => ({ message: { event: 'state', data: position }, position }) },
    });
    const { channels } = app;
    await channels.publish('a', '1');
    position = await channels.publish('a', '2');
    await channels.publish('b', 'b');
    await channels.publish('a', '3');
    await channels.broadcast('all');
    const stream = await app.open('a');
    await channels.publish('a', '4');
    await stream.untilText('data: 4\n\n');
    expect(dataOf(stream)).toEqual([position, '3', '4']);

    // A state that is newer than the moment at which it was asked for.
    const ahead = await startChannelApp(platform, {
      subscribe: {
        snapshot: async () => {
          await ahead.channels.broadcast('all');
          const newest = await ahead.channels.publish('a', 'in the state');
          return { message: 'state', position: newest };
        },
      },
    });
    const other = await ahead.open('a');
    await ahead.channels.publish('a', 'after');
    await other.untilText('data: after\n\n');
    expect(dataOf(other)).toEqual(['state', 'all', 'after']);
    // Until the others are where the state is, there is no id to come back with, and so the state would be asked for anew.
    expect(other.text).toMatch(/^data: state\n\ndata: all\n\nid: \S+-2\n\nid: \S+-3\ndata: after\n\n$/);
    await app.close();
    await ahead.close();
  });

  it('are skipped by whoever resumes, and asked for again by whoever has missed something', async () => {
    const asked: SseSnapshotContext[] = [];
    const app = await startChannelApp(platform, {
      sse: { history: { events: 2 } },
      subscribe: {
        snapshot: (context) => {
          asked.push(context);
          return { event: 'state', data: context.channel };
        },
      },
    });
    const ids = [];
    for (let n = 1; n <= 5; n++) ids.push(await app.channels.publish('a', `${n}`));
    const resumed = await app.open('a', ids[3]);
    await resumed.untilText('data: 5\n\n');
    expect(dataOf(resumed)).toEqual(['5']);
    expect(asked).toEqual([]);

    const lost = await app.open('a', ids[0]);
    await lost.untilText(`id: ${ids[4]}`);
    expect(eventsOf(lost)).toEqual(['gap', 'state']);
    expect(asked).toEqual([{ reason: 'gap', channel: 'a' }]);
    // Who is cut off before the state has come must start anew: the gap alone gives no new position.
    expect(lost.text.startsWith('event: gap\n')).toBe(true);
    await app.channels.publish('a', '6');
    await lost.untilText('data: 6\n\n');
    expect(dataOf(lost).slice(1)).toEqual(['"a"', '6'].map((data) => data.replaceAll('"', '')));
    await app.close();
  });

  it('of several channels come together, each asked for by itself', async () => {
    const app = await startChannelApp(platform, {
      subscribe: { snapshot: ({ channel }) => (channel === 'b' ? undefined : `state of ${channel}`) },
    });
    const stream = await app.open('a,b,c');
    await stream.untilText('id: ');
    expect(stream.text).toMatch(/^data: state of a\n\ndata: state of c\n\nid: \S+-0\n\n$/);
    await app.close();
  });

  it('that fail give their status while the head is held, and end their stream alone afterwards', async () => {
    let fail: () => SseSnapshot = () => {
      throw new NotFoundException('no such job');
    };
    const app = await startChannelApp(platform, {
      sse: { history: { events: 1 } },
      subscribe: { snapshot: () => fail() },
    });
    const missing = await app.open('a');
    expect([missing.status, JSON.parse(await missing.untilEnd()).message]).toEqual([404, 'no such job']);
    fail = () => {
      throw new Error('out of order');
    };
    expect((await app.open('a')).status).toBe(500);
    const bad: SseSnapshot[] = [
      { id: 'own', data: 1 } as never,
      7 as never,
      { message: 'x', position: 'nonsense' },
      { message: 'x', position: 7 as never },
      { message: { data: 10n }, position: '' },
    ];
    for (const snapshot of bad) {
      fail = () => snapshot;
      expect((await app.open('a')).status).toBe(500);
    }

    fail = () => 'state';
    const healthy = await app.open('a');
    await healthy.untilText('state');
    fail = () => {
      throw new Error('out of order');
    };
    const first = await app.channels.publish('a', '1');
    await app.channels.publish('a', '2');
    await app.channels.publish('a', '3');
    const ended = await app.open('a', first);
    expect(eventsOf({ text: await ended.untilEnd() })).toEqual(['gap']);
    await app.channels.publish('a', '4');
    await healthy.untilText('data: 4\n\n');
    expect(app.channels.localStats()).toMatchObject([{ channel: 'a', subscribers: 1 }]);
    await app.close();
  });

  it('that are older than what is kept are a gap, and are not asked for in a circle', async () => {
    let asked = 0;
    let position = '';
    const app = await startChannelApp(platform, {
      sse: { history: { events: 2 } },
      subscribe: {
        snapshot: () => {
          asked++;
          return { message: 'old', position };
        },
      },
    });
    position = await app.channels.publish('a', '1');
    for (let n = 2; n <= 5; n++) await app.channels.publish('a', `${n}`);
    const stream = await app.open('a');
    await stream.untilText('data: 5\n\n');
    expect(dataOf(stream)).toEqual(['old', expect.stringContaining('expired'), '4', '5']);
    expect(asked).toBe(1);
    await app.close();
  });

  /** A counter that everybody can rebuild: from its state, and each change by which it grows. */
  async function raceWithChanges(exact: boolean): Promise<void> {
    let total = 0;
    let position = '';
    const random = new SeededRandom(exact ? 1 : 2);
    const app = await startChannelApp(platform, {
      sse: { history: { events: 20 } },
      subscribe: {
        snapshot: async () => {
          for (let turns = random.int(4); turns > 0; turns--) await nextTurn();
          const message = { event: 'state', data: { total } };
          const state = exact && position !== '' ? { message, position } : message;
          for (let turns = random.int(4); turns > 0; turns--) await nextTurn();
          return state;
        },
      },
    });
    const clients = Array.from({ length: 60 }, () => new StreamClient(app.port, '/stream?of=counter'));
    for (let change = 1; change <= 400; change++) {
      for (const client of clients) {
        if (!client.isConnected && random.chance(0.2)) client.connect();
        else if (random.chance(0.05)) client.cut();
      }
      const by = 1 + random.int(9);
      // The state is changed within the publishing, so that it never holds a change whose position is not known.
      const publishing = app.channels.publish('counter', {
        event: 'change',
        data: { n: change, by, total: total + by },
      });
      if (exact) {
        const id = await publishing;
        total += by;
        position = id;
      } else {
        total += by;
      }
      if (random.chance(0.3)) await app.channels.broadcast({ event: 'noise', data: '' });
      if (random.chance(0.5)) await nextTurn();
    }
    await app.channels.publish('counter', { event: 'end', data: { total } });
    // Whoever has to start anew after the last change gets that with the state.
    const isDone = ({ messages }: StreamClient) => {
      const last = messages.at(-1);
      return last?.event === 'end' || (last?.event === 'state' && last.json<{ total: number }>().total === total);
    };
    await Promise.all(
      clients.map(async (client) => {
        while (!isDone(client)) {
          if (!client.isConnected) client.connect();
          await client.until((each) => isDone(each) || !each.isConnected);
        }
        client.cut();
      }),
    );
    let snapshots = 0;
    for (const { messages } of clients) {
      let known: number | undefined;
      let doubled = 0;
      for (const message of messages) {
        const { total: then, by = 0 } =
          message.event === 'noise' ? { total: 0 } : message.json<{ total: number; by?: number }>();
        if (message.event === 'state') {
          known = then;
          snapshots++;
        } else if (message.event === 'change') {
          if (then <= known!) doubled++;
          else expect(known! + by).toBe(then);
          known = Math.max(known!, then);
        }
      }
      expect(known).toBe(total);
      if (exact) expect(doubled).toBe(0);
    }
    expect(snapshots).toBeGreaterThan(clients.length);
    await app.close();
  }

  it('and changes make a whole in a race: nothing is lost, and only what the state held already comes twice', async () => {
    await raceWithChanges(false);
  });

  it('and changes make a whole in a race: with the position of the state, nothing comes twice either', async () => {
    await raceWithChanges(true);
  });
});

describe('a snapshot and its id', () => {
  it('is resumed from where its changes are', async () => {
    const app = await startChannelApp('express', { subscribe: { snapshot: () => 'state' } });
    const stream = await app.open('a');
    await stream.untilText('id: ');
    const id = lastIdOf(stream);
    stream.leave();
    await app.channels.publish('a', '1');
    const back = await app.open('a', id);
    await back.untilText('data: 1\n\n');
    expect(dataOf(back)).toEqual(['1']);
    await app.close();
  });
});
