import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { type SseChannelEvent, SseChannels, SseModule } from '../../lib/index.js';
import { collectGarbage } from '../pusher/support/collect-garbage.js';
import { deferred } from '../pusher/support/deferred.js';

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

  it('is not given again what it had of one channel, when another one has outrun it', async () => {
    const messages = channels.subscribe(['quiet', 'busy'])[Symbol.asyncIterator]();
    const first = [messages.next(), messages.next()];
    await nextTurn();
    await channels.publish('quiet', 'q1');
    await channels.publish('quiet', 'q2');
    const events = (await Promise.all(first)).map(({ value }) => value.data);
    for (let n = 0; n < 20; n++) await channels.publish('busy', `${n}`);
    while (events.at(-1) !== '19') {
      const { value } = await messages.next();
      events.push(value.event === 'gap' ? 'gap' : value.data);
    }
    expect(events).toEqual(['q1', 'q2', '0', 'gap', '15', '16', '17', '18', '19']);
    await messages.return?.();
  });

  it('is given the present state again each time that it has lost something', async () => {
    const messages = channels
      .subscribe('s', { snapshot: () => ({ event: 'state', data: '' }) })
      [Symbol.asyncIterator]();
    expect((await messages.next()).value.event).toBe('state');
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 10; n++) await channels.publish('s', { event: 'change', data: n });
      const seen = [];
      for (let n = 0; n < 3; n++) seen.push((await messages.next()).value.event);
      expect(seen).toEqual(['change', 'gap', 'state']);
    }
    await messages.return?.();
  });

  it('asks its filter no more when it has ended before its state was there', async () => {
    const reading = deferred();
    let asked = 0;
    const messages = channels
      .subscribe('t', {
        snapshot: async () => {
          await reading.promise;
          return 'state';
        },
        filter: () => ++asked > 0,
      })
      [Symbol.asyncIterator]();
    await nextTurn();
    await channels.publish('t', 'change');
    await messages.return?.();
    reading.resolve();
    await nextTurn();
    await nextTurn();
    expect(asked).toBe(0);
  });

  it('can be changed before it has begun, and no more when it has ended', async () => {
    const subscription = channels.subscribe(['h', 'i']);
    const messages = subscription[Symbol.asyncIterator]();
    await Promise.all([subscription.remove('i'), subscription.add('j')]);
    for (const name of ['i', 'j', 'h']) await channels.publish(name, `to ${name}`);
    expect([await messages.next(), await messages.next()].map(({ value }) => value.data)).toEqual(['to j', 'to h']);

    const told: SseChannelEvent[] = [];
    const hearing = channels.events$.subscribe((event) => told.push(event));
    await messages.return?.();
    await subscription.remove('h');
    await subscription.add('k');
    hearing.unsubscribe();
    expect(told).toMatchObject([
      { type: 'unsubscribed', channel: 'h', subscribers: 0 },
      { type: 'unsubscribed', channel: 'j', subscribers: 0 },
    ]);
    expect(channels.localStats().filter(({ subscribers }) => subscribers !== 0)).toEqual([]);
  });

  it('gets what comes, whenever the last other one that followed the same has left', async () => {
    for (let ticks = 0; ticks < 15; ticks++) {
      const leaving = channels.subscribe('o')[Symbol.asyncIterator]();
      const waiting = leaving.next();
      await nextTurn();
      const staying = channels.subscribe('o')[Symbol.asyncIterator]();
      const next = staying.next();
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      const left = leaving.return?.();
      await nextTurn();
      await channels.publish('o', `${ticks}`);
      const got = await Promise.race([next, nextTurn().then(() => undefined)]);
      expect({ ticks, data: got?.value.data }).toEqual({ ticks, data: `${ticks}` });
      await Promise.all([left, waiting, staying.return?.()]);
    }
  });

  it('is told of to nobody when it was closed before it began', async () => {
    const told: SseChannelEvent[] = [];
    const hearing = channels.events$.subscribe((event) => told.push(event));
    const subscription = channels.subscribe('l');
    subscription.close();
    for await (const _ of subscription) throw new Error('it was closed');
    hearing.unsubscribe();
    expect(told).toEqual([]);
  });

  it('is held by nobody when it has ended', async () => {
    const used = async () => {
      const subscription = channels.subscribe('m');
      const messages = subscription[Symbol.asyncIterator]();
      const next = messages.next();
      await nextTurn();
      await channels.publish('m', '1');
      await next;
      await messages.return?.();
      return new WeakRef(subscription);
    };
    const ended = await used();
    await collectGarbage();
    expect(ended.deref()).toBeUndefined();
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
