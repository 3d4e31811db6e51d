import { describe, expect, it } from '@jest/globals';
import type { SseChannelEvent, SseSnapshotContext } from '../../lib/index.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import type { RawStream } from '../pusher/support/raw-client.js';
import { dataOf, eventsOf, lastIdOf, startChannelApp } from './support/channel-app.js';
import { SharedLog } from './support/shared-log.js';

/** What the gaps of a stream say. */
function gapsOf({ text }: RawStream): unknown[] {
  return [...text.matchAll(/^(?:id: (.*)\n)?event: gap\ndata: (.*)$/gm)].map(([, id, data]) => ({
    ...JSON.parse(data!),
    id,
  }));
}

describe.each(PLATFORMS)('when a shared log loses something, on %s', (platform) => {
  it('everybody who stands before the loss of its newest part is told, on every channel, and goes on', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const gaps: SseChannelEvent[] = [];
    app.channels.events$.subscribe((event) => event.type === 'gap' && gaps.push(event));
    const busy = await app.open('a');
    const quiet = await app.open('b,c');
    const nobody = await app.open('');
    const before = await app.channels.publish('a', '1');
    await busy.untilText('data: 1\n\n');
    const [epoch] = before.split('-');
    log.failOver(0);
    await Promise.all([busy, quiet, nobody].map((stream) => stream.untilText('event: gap')));
    expect(gapsOf(busy)).toMatchObject([{ reason: 'restarted', lastEventId: before }]);
    expect(gaps).toHaveLength(3);
    expect(gaps.map((gap) => gap.type === 'gap' && gap.channels)).toEqual(
      expect.arrayContaining([['a'], ['b', 'c'], []]),
    );
    const after = await app.channels.publish('a', '2');
    await app.channels.publish('c', '3');
    await busy.untilText('data: 2\n\n');
    await quiet.untilText('data: 3\n\n');
    expect(after).toBe(`${epoch}-1002`);
    expect(lastIdOf(busy)).toBe(after);

    // The same for those who come back, and once only: what they are told they know.
    const late = await app.open('a', before);
    await late.untilText('data: 2\n\n');
    expect(gapsOf(late)).toMatchObject([{ reason: 'restarted', lastEventId: before }]);
    const told = gapsOf(late)[0] as { id: string };
    const again = await app.open('a', told.id);
    await again.untilText('data: 2\n\n');
    expect([gapsOf(again), dataOf(again)]).toEqual([[], ['2']]);
    const up = await app.open('a', after);
    await app.channels.publish('a', '4');
    await up.untilText('data: 4\n\n');
    expect([gapsOf(up), dataOf(up)]).toEqual([[], ['4']]);
    await app.close();
  });

  it('what is kept and was not read yet follows the gap', async () => {
    const log = new SharedLog();
    const member = log.member();
    const app = await startChannelApp(platform, { sse: { backplane: member } });
    const first = await app.channels.publish('a', '1');
    await app.channels.publish('a', '2');
    await app.channels.publish('a', 'is lost');
    const listener = await app.open('a');
    await listener.untilText('id: ');
    log.failOver(1);
    await listener.untilText('event: gap');
    listener.leave();
    await log.settled();
    const back = await app.open('a', first);
    await app.channels.publish('a', '3');
    await back.untilText('data: 3\n\n');
    expect(gapsOf(back)).toMatchObject([{ reason: 'restarted', id: expect.stringMatching(/-1\.\d+$/) }]);
    expect(dataOf(back).slice(1)).toEqual(['2', '3']);
    // A process that starts later knows of it too.
    const second = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const elsewhere = await second.open('a', first);
    await elsewhere.untilText('data: 3\n\n');
    expect(gapsOf(elsewhere)).toMatchObject([{ reason: 'restarted' }]);
    expect(dataOf(elsewhere).slice(1)).toEqual(['2', '3']);
    await Promise.all([app.close(), second.close()]);
  });

  it('a new log has a new name, which every stream is told', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const stream = await app.open('a,b');
    const old = await app.channels.publish('a', 'of the old log');
    await stream.untilText('old log');
    log.flush();
    await stream.untilText('event: gap');
    expect(gapsOf(stream)).toEqual([{ id: `${log.epoch}-1001`, reason: 'restarted', lastEventId: old }]);
    const id = await app.channels.publish('a', 'new');
    await stream.untilText('data: new\n\n');
    expect(id).toBe(`${log.epoch}-1002`);
    expect(lastIdOf(stream)).toBe(id);

    const foreign = await app.open('a', old);
    await foreign.untilText('data: new\n\n');
    expect(gapsOf(foreign)).toMatchObject([{ reason: 'foreign', lastEventId: old }]);
    expect(dataOf(foreign).slice(1)).toEqual(['new']);
    const back = await app.open('a', `${log.epoch}-1001`);
    await back.untilText('data: new\n\n');
    expect(gapsOf(back)).toEqual([]);
    await app.close();
  });

  it('a state is asked for again, and its changes follow with ids', async () => {
    const log = new SharedLog();
    const asked: SseSnapshotContext[] = [];
    const app = await startChannelApp(platform, {
      sse: { backplane: log.member() },
      subscribe: {
        snapshot: (context) => {
          asked.push(context);
          return `state ${asked.length}`;
        },
      },
    });
    const stream = await app.open('a');
    await stream.untilText('state 1\n\nid: ');
    log.failOver(0);
    await stream.untilText('state 2\n\nid: ');
    log.flush();
    await stream.untilText('state 3\n\nid: ');
    await log.settled();
    log.loseUnheard('a', 5);
    await stream.untilText('state 4\n\nid: ');
    expect(asked.map(({ reason }) => reason)).toEqual(['first', 'gap', 'gap', 'gap']);
    const id = await app.channels.publish('a', 'change');
    await stream.untilText('data: change\n\n');
    expect(eventsOf(stream)).toEqual(['gap', 'gap', 'gap']);
    expect(dataOf(stream).filter((data) => !data.startsWith('{'))).toEqual([
      'state 1',
      'state 2',
      'state 3',
      'state 4',
      'change',
    ]);
    expect(lastIdOf(stream)).toBe(id);
    await app.close();
  });

  it('that hits while a state is read, the state is read again', async () => {
    const log = new SharedLog();
    let asked = 0;
    const app = await startChannelApp(platform, {
      sse: { backplane: log.member() },
      subscribe: {
        snapshot: async () => {
          asked++;
          if (asked === 1) {
            log.failOver(0);
            await log.settled();
          }
          return `state ${asked}`;
        },
      },
    });
    const stream = await app.open('a');
    await stream.untilText('state 2\n\nid: ');
    expect(eventsOf(stream)).toEqual(['gap']);
    expect(asked).toBe(2);
    await app.close();
  });

  it('those are told who follow the channel of which something was lost before it came, and no others', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const [a, b] = [await app.open('a'), await app.open('b')];
    const id = await app.channels.publish('a', '1');
    await a.untilText('data: 1\n\n');
    log.loseUnheard('a', 5);
    await a.untilText('event: gap');
    await app.channels.publish('a', '2');
    await app.channels.publish('b', '3');
    await a.untilText('data: 2\n\n');
    await b.untilText('data: 3\n\n');
    expect(gapsOf(a)).toMatchObject([{ reason: 'expired', lastEventId: id }]);
    expect(dataOf(a).filter((data) => !data.startsWith('{'))).toEqual(['1', '2']);
    expect(gapsOf(b)).toEqual([]);
    const back = await app.open('a', id);
    await back.untilText('data: 2\n\n');
    expect(gapsOf(back)).toMatchObject([{ reason: 'expired', lastEventId: id }]);
    // What was delivered before it is behind a hole, and is not given out any more.
    expect(app.channels.localStats()).toMatchObject([{ channel: 'a', messages: 1 }, { channel: 'b' }]);
    await app.close();
  });

  it('where it lost something is no channel to anybody who asks for channels', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const stream = await app.open('a');
    log.failOver(0);
    await stream.untilText('event: gap');
    expect(app.channels.localNames()).toEqual(['a']);
    expect(app.channels.has('')).toBe(false);
    await app.close();
  });
});
