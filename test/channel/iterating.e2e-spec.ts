import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { SseChannels, SseModule } from '../../lib/index.js';

describe('a subscription that is iterated', () => {
  let testing: TestingModule;
  let channels: SseChannels;

  beforeAll(async () => {
    testing = await Test.createTestingModule({ imports: [SseModule.forRoot({ history: { events: 5 } })] }).compile();
    await testing.init();
    channels = testing.get(SseChannels);
  });

  afterAll(() => testing.close());

  it('begins where the channel stood when it was made', async () => {
    await channels.publish('a', 'before');
    const subscription = channels.subscribe('a');
    await channels.publish('a', 'after');
    const messages = subscription[Symbol.asyncIterator]();
    expect((await messages.next()).value).toMatchObject({ data: 'after' });
    await messages.return?.();
    expect(channels.localStats()).toMatchObject([{ channel: 'a', subscribers: 0 }]);
  });

  it('waits for what comes, and gives each message once however often it is asked at the same time', async () => {
    const messages = channels.subscribe('b')[Symbol.asyncIterator]();
    const asked = [messages.next(), messages.next(), messages.next()];
    await nextTurn();
    await channels.publish('b', '1');
    void channels.publish('b', '2');
    await channels.publish('b', { event: 'third', data: [3] });
    const got = (await Promise.all(asked)).map(({ value }) => value);
    expect(got.map(({ event, data }) => [event, data])).toEqual([
      ['message', '1'],
      ['message', '2'],
      ['third', '[3]'],
    ]);
    expect(got[2].json()).toEqual([3]);
    const pending = [messages.next(), messages.next()];
    await messages.return?.();
    expect(await Promise.all(pending)).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  it('resumes with an id, and tells of a gap', async () => {
    const ids: string[] = [];
    for (let n = 1; n <= 7; n++) ids.push(await channels.publish('c', `${n}`));
    const seen = [];
    for await (const { event, data, lastEventId } of channels.subscribe('c', { lastEventId: ids[3]! })) {
      seen.push([event, data, lastEventId]);
      if (data === '7') break;
    }
    expect(seen).toEqual([5, 6, 7].map((n) => ['message', `${n}`, ids[n - 1]]));
    const lost = channels.subscribe('c', { lastEventId: ids[0]! })[Symbol.asyncIterator]();
    expect((await lost.next()).value).toMatchObject({ event: 'gap', lastEventId: ids[1] });
    expect((await lost.next()).value).toMatchObject({ data: '3' });
    await lost.return?.();
  });

  it('holds little for a loop that is slow, which is told of a gap when the log has outrun it', async () => {
    const messages = channels.subscribe('d')[Symbol.asyncIterator]();
    const first = messages.next();
    await nextTurn();
    for (let n = 0; n < 100; n++) await channels.publish('d', `${n}`);
    expect((await first).value).toMatchObject({ data: '0' });
    const events = [];
    while (events.at(-1) !== '99') {
      const { value } = await messages.next();
      events.push(value.event === 'gap' ? 'gap' : value.data);
    }
    expect(events.filter((event) => event === 'gap')).toHaveLength(1);
    expect(events.slice(-6)).toEqual(['gap', '95', '96', '97', '98', '99']);
    await messages.return?.();
  });

  it('ends with its channel, after the rest, and with close()', async () => {
    const subscription = channels.subscribe('e');
    void channels.publish('e', '1');
    await channels.close('e', { final: '2' });
    const seen = [];
    for await (const { data } of subscription) seen.push(data);
    expect(seen).toEqual(['1', '2']);
    for await (const _ of channels.subscribe('e')) throw new Error('there is nothing to come');

    const closed = channels.subscribe('f');
    const waiting = closed[Symbol.asyncIterator]().next();
    await nextTurn();
    closed.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    const early = channels.subscribe('f');
    early.close();
    for await (const _ of early) throw new Error('it was closed');
    expect(channels.has('f')).toBe(false);
  });

  it('fails with what its filter throws', async () => {
    const subscription = channels.subscribe('g', { filter: (message) => message.json() });
    void channels.publish('g', 'no JSON');
    await expect(subscription[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'SSE_CHANNEL',
      problem: 'filter',
      channel: 'g',
    });
    const later = channels.subscribe('g', { filter: (message) => message.json() })[Symbol.asyncIterator]();
    const next = later.next();
    await nextTurn();
    void channels.publish('g', 'no JSON');
    await expect(next).rejects.toMatchObject({ problem: 'filter' });
    expect(await later.next()).toEqual({ done: true, value: undefined });
  });

  it('ends when the application closes, and nothing can be published any more', async () => {
    const other = await Test.createTestingModule({ imports: [SseModule.forRoot()] }).compile();
    await other.init();
    const its = other.get(SseChannels);
    const next = its.subscribe('a')[Symbol.asyncIterator]().next();
    await nextTurn();
    await other.close();
    expect(await next).toEqual({ done: true, value: undefined });
    await expect(its.publish('a', 'x')).rejects.toMatchObject({ code: 'SSE_CHANNEL', problem: 'stopped' });
    for await (const _ of its.subscribe('a')) throw new Error('the application is closed');
  });
});
