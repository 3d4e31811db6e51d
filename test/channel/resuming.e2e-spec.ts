import { describe, expect, it } from '@jest/globals';
import type { SseChannelEvent } from '../../lib/index.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';
import { dataOf, lastIdOf, startChannelApp } from './support/channel-app.js';

/** What a gap says; nothing when there was none. */
function gapOf({ text }: RawStream): unknown {
  const [, id, data] = /^(?:id: (.*)\n)?event: gap\ndata: (.*)$/m.exec(text) ?? [];
  return data === undefined ? undefined : { ...JSON.parse(data), id };
}

describe.each(PLATFORMS)('a stream that comes back on %s', (platform) => {
  it('gets what it has missed, of all channels in one order, and nothing twice', async () => {
    const app = await startChannelApp(platform);
    const first = await app.open('a,b');
    await first.untilText('id: ');
    await app.channels.publish('a', '1');
    await app.channels.publish('b', '2');
    await first.untilText('data: 2\n\n');
    first.leave();
    await app.channels.publish('b', '3');
    await app.channels.publish('c', 'other');
    await app.channels.broadcast('4');
    await app.channels.publish('a', '5');
    const back = await app.open('a,b', lastIdOf(first));
    await back.untilText('data: 5\n\n');
    await app.channels.publish('a', '6');
    await back.untilText('data: 6\n\n');
    expect(dataOf(back)).toEqual(['3', '4', '5', '6']);
    expect(back.text.startsWith(`id: ${lastIdOf(first)}\n\n`)).toBe(true);
    await app.close();
  });

  it('takes its id from the query too, and from the subscription', async () => {
    const app = await startChannelApp(platform, {
      subscribe: () => (given === undefined ? {} : { lastEventId: given }),
    });
    let given: string | undefined;
    const ids = [await app.channels.publish('a', '1'), await app.channels.publish('a', '2')];
    const byQuery = await openRaw(app.port, `/stream?of=a&lastEventId=${ids[0]}`);
    await byQuery.untilText('data: 2\n\n');
    expect(dataOf(byQuery)).toEqual(['2']);
    given = ids[1];
    const bySubscription = await app.open('a', ids[0]);
    await app.channels.publish('a', '3');
    await bySubscription.untilText('data: 3\n\n');
    expect(dataOf(bySubscription)).toEqual(['3']);
    await app.close();
  });

  it('is told of a gap when its id is of another log, of the future, or none at all, and gets what is kept', async () => {
    const app = await startChannelApp(platform);
    const [epoch] = (await app.channels.publish('a', '1')).split('-');
    await app.channels.publish('a', '2');
    const foreign = `${epoch?.replace(/./g, 'f')}-1`;
    const cases: [string, string, (string | null)?][] = [
      [foreign, 'foreign'],
      [`${epoch}-3`, 'future'],
      [`${epoch}-9007199254740991`, 'future'],
      [`${epoch}-9007199254740992`, 'malformed'],
      [`${epoch}-01`, 'malformed'],
      [`${epoch}--1`, 'malformed'],
      [`${epoch}-1e3`, 'malformed'],
      [`${epoch}-1.`, 'malformed'],
      [`${epoch}-`, 'malformed'],
      [`${epoch}`, 'malformed'],
      ['0', 'malformed'],
      ['ü "quoted" </script>', 'malformed'],
      ['x'.repeat(1024), 'malformed'],
      ['x'.repeat(1025), 'malformed', null],
    ];
    for (const [id, reason, lastEventId = id] of cases) {
      const stream = await app.open('a', Buffer.from(id).toString('latin1'));
      await stream.untilText('data: 2\n\n');
      expect(gapOf(stream)).toEqual({ id: `${epoch}-0`, reason, lastEventId });
      expect(dataOf(stream).slice(1)).toEqual(['1', '2']);
      expect(stream.text.startsWith('id: ')).toBe(true);
      stream.leave();
    }
    await app.close();
  });

  it('is told of a gap when the log has forgotten what it has missed, and is not told of it again', async () => {
    const app = await startChannelApp(platform, { sse: { history: { events: 3 } } });
    const events: SseChannelEvent[] = [];
    app.channels.events$.subscribe((event) => event.type === 'gap' && events.push(event));
    const ids = [];
    for (let n = 1; n <= 6; n++) {
      ids.push(await app.channels.publish('a', `${n}`));
    }
    const none = await app.open('a', ids[2]);
    await none.untilText('data: 6\n\n');
    expect(gapOf(none)).toBeUndefined();
    const lost = await app.open('a', ids[1]);
    await lost.untilText('data: 6\n\n');
    expect(gapOf(lost)).toEqual({ id: ids[2], reason: 'expired', lastEventId: ids[1] });
    expect(dataOf(lost).slice(1)).toEqual(['4', '5', '6']);
    const again = await app.open('a', ids[2]);
    await again.untilText('data: 6\n\n');
    expect(gapOf(again)).toBeUndefined();
    expect(events).toMatchObject([{ channels: ['a'], reason: 'expired', lastEventId: ids[1] }]);
    await app.close();
  });

  it('is told of a gap once when channels have forgotten different things, wherever it is cut off', async () => {
    const app = await startChannelApp(platform, {
      sse: { history: { perChannel: (name) => (name === 'busy' ? { events: 2 } : {}) } },
    });
    const start = await app.channels.publish('quiet', '1');
    await app.channels.publish('busy', 'lost');
    for (let n = 2; n <= 5; n++) {
      await app.channels.publish('quiet', `${n}`);
      await app.channels.publish('busy', `busy ${n}`);
    }
    // Kept are 1 to 5 of the one channel, and the last two of the other.
    const kept = ['2', '3', '4', 'busy 4', '5', 'busy 5'];
    const told = await app.open('quiet,busy', start);
    await told.untilText('busy 5');
    expect(gapOf(told)).toMatchObject({ reason: 'expired', lastEventId: start });
    expect(dataOf(told).slice(1)).toEqual(kept);

    const ids = [...told.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id!);
    expect(ids).toHaveLength(kept.length + 1);
    for (const [seen, id] of ids.entries()) {
      const back = await app.open('quiet,busy', id);
      await app.channels.publish('quiet', `end ${seen}`);
      await back.untilText(`end ${seen}\n\n`);
      expect(gapOf(back)).toBeUndefined();
      expect(dataOf(back).slice(0, kept.length - seen)).toEqual(kept.slice(seen));
      back.leave();
    }
    await app.close();
  });

  it('is told of a further gap when more was forgotten since it was told of one', async () => {
    const app = await startChannelApp(platform, {
      sse: { history: { perChannel: (name) => (name === 'busy' ? { events: 2 } : {}) } },
    });
    const start = await app.channels.publish('quiet', '1');
    await app.channels.publish('quiet', '2');
    for (const n of [1, 2, 3]) await app.channels.publish('busy', `busy ${n}`);
    const told = await app.open('quiet,busy', start);
    await told.untilText('busy 3');
    const gap = gapOf(told) as { id: string };
    await app.channels.publish('busy', 'busy 4');
    const back = await app.open('quiet,busy', gap.id);
    await back.untilText('busy 4');
    expect(gapOf(back)).toMatchObject({ reason: 'expired', lastEventId: gap.id });
    expect(dataOf(back).slice(1)).toEqual(['2', 'busy 3', 'busy 4']);
    await app.close();
  });

  it('starts with the newest messages when it asks for them on a first connect, and then resumes like any other', async () => {
    let replay: number | 'all' = 2;
    const app = await startChannelApp(platform, { subscribe: () => ({ replay }), sse: { history: { events: 4 } } });
    for (let n = 1; n <= 6; n++) await app.channels.publish(n % 2 ? 'a' : 'b', `${n}`);
    const newest = await app.open('a,b');
    await newest.untilText('data: 6\n\n');
    expect(dataOf(newest)).toEqual(['5', '6']);
    expect(newest.text).toMatch(/^id: \S+-4\n\nid: \S+-5\n/);

    replay = 'all';
    for (let n = 7; n <= 12; n++) await app.channels.publish('b', `${n}`);
    const all = await app.open('a,b');
    await all.untilText('data: 12\n\n');
    expect(dataOf(all)).toEqual(['1', '3', '5', '9', '10', '11', '12']);
    expect(all.text).not.toContain('gap');

    const [first] = all.text.match(/(?<=^id: )\S+/)!;
    const resumed = await app.open('a,b', first);
    await resumed.untilText('data: 12\n\n');
    expect(dataOf(resumed)).toEqual(dataOf(all));
    replay = 100;
    const many = await app.open('a,b');
    await many.untilText('data: 12\n\n');
    expect(dataOf(many)).toEqual(dataOf(all));
    await app.close();
  });

  it('can have other names for gaps, and positions as events, of its own or for all', async () => {
    let own = {};
    const app = await startChannelApp(platform, {
      sse: { channels: { gapEvent: 'missed', positionEvent: 'here' } },
      subscribe: () => own,
    });
    const id = await app.channels.publish('a', '1');
    const first = await app.open('a');
    expect(await first.untilText('\n\n')).toBe(`id: ${id}\nevent: here\ndata: ${id}\n\n`);
    const missed = await app.open('a', 'x');
    expect(await missed.untilText('data: 1\n\n')).toContain(
      'event: missed\ndata: {"lastEventId":"x","reason":"malformed"}\n\n',
    );
    own = { gapEvent: 'hole', positionEvent: 'there' };
    const hole = await app.open('a', 'x');
    expect(await hole.untilText('data: 1\n\n')).toContain('event: hole\n');
    expect(await (await app.open('a')).untilText('\n\n')).toContain('event: there\n');
    await app.close();
  });
});
