import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { AesSiv } from '../../lib/channel/aes-siv.js';
import { SseModule, SseOptionsError } from '../../lib/index.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { PLATFORMS, startBareApp } from '../pusher/support/platforms.js';
import { openRaw, type RawStream } from '../pusher/support/raw-client.js';
import { dataOf, eventsOf, lastIdOf, startChannelApp } from './support/channel-app.js';
import { SharedLog } from './support/shared-log.js';

const SECRET = 'the secret of the tests of opaque positions';
const NEW_SECRET = 'the secret that shall take its place one day';
const cursor = { secret: SECRET };

function idsOf({ text }: RawStream): string[] {
  return [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id!);
}

/** What a gap says, without the id that the client has sent itself. */
function gapOf({ text }: RawStream): string | undefined {
  return /^event: gap\ndata: .*"reason":"(.*)"}$/m.exec(text)?.[1];
}

afterEach(() => {
  jest.useRealTimers();
});

describe.each(PLATFORMS)('opaque positions on %s', (platform) => {
  it('are all that a stream shows of positions, always of one length', async () => {
    const app = await startChannelApp(platform, {
      sse: { cursor, history: { events: 1 } },
      subscribe: { replay: 'all' },
    });
    const early = await app.channels.publish('a', '1');
    for (let n = 0; n < 300; n++) await app.channels.publish('elsewhere', 'x');
    await app.channels.publish('a', '2');
    await app.channels.close('a', { final: '3' });
    const expired = await app.open('a,b', early);
    await expired.untilText('data: 3\n\n');
    const whole = await app.open('a');
    await whole.untilEnd();
    for (const stream of [expired, whole]) {
      expect(idsOf(stream).length).toBeGreaterThan(1);
      expect(idsOf(stream).filter((id) => !/^[0-9A-Za-z_-]{48}$/.test(id))).toEqual([]);
    }
    expect([gapOf(expired), dataOf(whole)]).toEqual(['expired', ['3']]);
    await app.close();
  });

  it('are the same for the same message: on every stream, at every replay, and to who has published it', async () => {
    const app = await startChannelApp(platform, { sse: { cursor } });
    const streams = [await app.open('a'), await app.open('a,b')];
    for (const stream of streams) await stream.untilText('id: ');
    const ids = [await app.channels.publish('a', '1'), await app.channels.broadcast('2')];
    for (const stream of streams) {
      await stream.untilText('data: 2\n\n');
      expect(idsOf(stream).slice(1)).toEqual(ids);
    }
    const back = await app.open('a', idsOf(streams[0]!)[0]);
    await back.untilText('data: 2\n\n');
    expect(idsOf(back).slice(1)).toEqual(ids);
    await app.close();
  });

  it('resume a stream from wherever it stood: a message, its beginning, a ping, the query, a subscription', async () => {
    stopClock();
    let given: string | undefined;
    const app = await startChannelApp(platform, {
      sse: { cursor, pingMs: 12_000 },
      subscribe: () => (given === undefined ? {} : { lastEventId: given }),
    });
    const first = await app.open('a');
    await first.untilText('id: ');
    const beginning = lastIdOf(first);
    await app.channels.publish('elsewhere', 'x');
    await jest.advanceTimersByTimeAsync(13_000);
    await first.untilText(': ping');
    const pinged = lastIdOf(first);
    const message = await app.channels.publish('a', '1');
    await app.channels.publish('a', '2');
    for (const id of [beginning, pinged, message]) {
      const missed = id === message ? ['2'] : ['1', '2'];
      const byHeader = await app.open('a', id);
      const byQuery = await openRaw(app.port, `/stream?of=a&lastEventId=${id}`);
      given = id;
      const bySubscription = await app.open('a');
      given = undefined;
      for (const stream of [byHeader, byQuery, bySubscription]) {
        await stream.untilText('data: 2\n\n');
        expect(dataOf(stream)).toEqual(missed);
      }
    }
    await app.close();
  });

  it('do not show whether anything was published elsewhere meanwhile', async () => {
    stopClock();
    const app = await startChannelApp(platform, { sse: { cursor, pingMs: 12_000 } });
    const message = await app.channels.publish('a', '1');
    const streams = [await app.open('a'), await app.open('a'), await app.open('a', message)];
    for (const stream of streams) {
      await stream.untilText('id: ');
      await nextTurn();
    }
    const [quiet] = streams as [RawStream];
    for (let pings = 1; pings <= 4; pings++) {
      if (pings > 2) await app.channels.publish('elsewhere', 'x');
      await jest.advanceTimersByTimeAsync(13_000);
      await quiet.until((text) => text.split(': ping').length > pings);
    }
    // Each ping brings a position along, whether that has moved or not,
    expect(quiet.text).toMatch(/^id: \S+\n\n(id: \S+\n: ping\n\n){4}$/);
    // and nobody can tell by it whether it has, nor by those with which streams begin.
    const ids = [message, ...streams.slice(1).flatMap((stream) => idsOf(stream)[0]!), ...idsOf(quiet)];
    expect(new Set(ids).size).toBe(ids.length);
    await app.close();
  });

  it('cost one encryption for all streams that are pinged together, and one for a message that all of them get', async () => {
    stopClock();
    const app = await startChannelApp(platform, { sse: { cursor, pingMs: 12_000 } });
    const streams = await Promise.all(Array.from({ length: 50 }, () => app.open('a')));
    await Promise.all(streams.map((stream) => stream.untilText('id: ')));
    const seal = jest.spyOn(AesSiv.prototype, 'seal');
    await app.channels.publish('a', '1');
    await Promise.all(streams.map((stream) => stream.untilText('data: 1\n\n')));
    expect(seal).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(13_000);
    await Promise.all(streams.map((stream) => stream.untilText(': ping')));
    expect(seal).toHaveBeenCalledTimes(2);
    seal.mockRestore();
    await app.close();
  });

  it('do not show at the end of a channel whether anything was published elsewhere after its last message', async () => {
    const app = await startChannelApp(platform, { sse: { cursor } });
    for (const elsewhere of [false, true]) {
      const stream = await app.open('a');
      await stream.untilText('id: ');
      const last = await app.channels.publish('a', 'last');
      if (elsewhere) await app.channels.publish('elsewhere', 'x');
      await app.channels.close('a', { tombstoneMs: 0 });
      await stream.untilEnd();
      expect(stream.text).toMatch(new RegExp(`\\n\\nid: ${last}\\ndata: last\\n\\nid: \\S{48}\\n\\n$`));
    }
    await app.close();
  });

  it('answer whatever was not written with a secret of theirs by one and the same gap', async () => {
    const log = new SharedLog();
    const app = await startChannelApp(platform, { sse: { cursor, backplane: log.member() } });
    const plain = await startChannelApp(platform, { sse: { backplane: log.member() } });
    const other = await startChannelApp(platform, { sse: { cursor: { secret: NEW_SECRET }, backplane: log.member() } });
    const id = await app.channels.publish('a', '1');
    const last = id.endsWith('A') ? 'B' : 'A';
    const refused = [
      await plain.channels.publish('a', '2'),
      `${log.epoch}-1`,
      `${log.epoch}-999999`,
      await other.channels.publish('a', '3'),
      id.slice(0, -1) + last,
      id.slice(0, 47),
      `${id}A`,
      'A'.repeat(48),
      '0',
    ];
    const { syncs } = [...log.members][0]!;
    for (const sent of refused) {
      const stream = await app.open('a', sent);
      await stream.untilText('data: 3\n\n');
      expect([gapOf(stream), dataOf(stream).slice(1)]).toEqual(['malformed', ['1', '2', '3']]);
      expect(stream.text).toContain(JSON.stringify({ lastEventId: sent, reason: 'malformed' }));
      stream.leave();
    }
    // Nor is anybody asked about them.
    expect([...log.members][0]!.syncs).toBe(syncs);
    const resumed = await app.open('a', id);
    await resumed.untilText('data: 3\n\n');
    expect(dataOf(resumed)).toEqual(['2', '3']);
    await Promise.all([app.close(), plain.close(), other.close()]);
  });

  it('of another log with the same secret are foreign, and those that are not reached yet of the future', async () => {
    const [app, other] = [
      await startChannelApp(platform, { sse: { cursor } }),
      await startChannelApp(platform, { sse: { cursor } }),
    ];
    const foreign = await app.open('a', await other.channels.publish('a', '1'));
    await foreign.untilText('gap');
    expect(gapOf(foreign)).toBe('foreign');
    const log = new SharedLog();
    const [ahead, behind] = [log.member(), log.member()];
    const shared = await startChannelApp(platform, { sse: { cursor, backplane: ahead } });
    const id = await shared.channels.publish('a', '1');
    log.seq = 0;
    const failedOver = await startChannelApp(platform, { sse: { cursor, backplane: behind } });
    const future = await failedOver.open('b', id);
    await future.untilText('gap');
    expect(gapOf(future)).toBe('future');
    await Promise.all([app.close(), other.close(), shared.close(), failedOver.close()]);
  });

  it('rotate without a gap: first all read the new secret, then all write it, then nobody reads the old one', async () => {
    const log = new SharedLog();
    const start = (...secret: string[]) =>
      startChannelApp(platform, { sse: { cursor: { secret }, backplane: log.member() } });
    const steps = [[SECRET], [SECRET, NEW_SECRET], [NEW_SECRET, SECRET], [NEW_SECRET]];
    let before = await start(...steps[0]!);
    let written = await before.channels.publish('a', '0');
    for (const [step, secrets] of steps.entries()) {
      // While it is deployed, both are there, and clients come from one to the other and back.
      const after = await start(...secrets);
      const [old, current] = [
        await before.channels.publish('a', `old ${step}`),
        await after.channels.publish('a', `new ${step}`),
      ];
      for (const [app, id] of [
        [before, current],
        [after, old],
        [after, written],
      ] as const) {
        const stream = await app.open('a', id);
        await stream.untilText('id: ');
        await app.channels.publish('a', `seen ${step}`);
        await stream.untilText(`data: seen ${step}\n\n`);
        expect([step, eventsOf(stream)]).toEqual([step, []]);
        stream.leave();
      }
      written = step < 2 ? written : current;
      await before.close();
      before = after;
    }
    await before.close();
  });

  it('are what a snapshot is given and an iterated subscription gives', async () => {
    let position = '';
    const app = await startChannelApp(platform, {
      sse: { cursor },
      subscribe: { snapshot: () => ({ message: 'state', position }) },
    });
    position = await app.channels.publish('a', '1');
    const after = await app.channels.publish('a', '2');
    const stream = await app.open('a');
    await stream.untilText('data: 2\n\n');
    expect(dataOf(stream)).toEqual(['state', '2']);
    const iterated = app.channels.subscribe('a', { lastEventId: position });
    for await (const { data, lastEventId } of iterated) {
      expect([data, lastEventId]).toEqual(['2', after]);
      break;
    }
    await app.close();
  });
});

describe('the option cursor', () => {
  it('is checked when the application starts, without its secret being told', async () => {
    const secret = 'hunter2';
    expect(() => SseModule.forRoot({ cursor: { secret } })).toThrow(SseOptionsError);
    const options = [secret, { secret }, { secret: [SECRET, secret] }, {}] as never[];
    for (const each of options) {
      const imports = [SseModule.forRootAsync({ useFactory: () => ({ cursor: each }) })];
      const failure = await startBareApp('express', { imports }).catch((error) => error);
      expect(failure).toBeInstanceOf(SseOptionsError);
      expect(failure.problems).toEqual([expect.objectContaining({ option: expect.stringMatching(/^cursor/) })]);
      expect(String(failure.stack)).not.toContain(secret);
    }
  });
});
