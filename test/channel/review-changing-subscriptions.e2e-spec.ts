import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { SseSubscribeOptions } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { dataOf, startChannelApp } from './support/channel-app.js';

describe('a subscriber that changes its channels', () => {
  it.each([{}, { broadcast: false }])('leaves those who follow the same ones alone, with %j', async (options) => {
    const app = await startChannelApp('express', { subscribe: options });
    const [changing, other] = [await app.open('room'), await app.open('room')];
    await Promise.all([changing, other].map((stream) => stream.untilText('id: ')));
    await app.subscriptions[0]?.add('private');
    await app.channels.publish('private', 'secret');
    await app.channels.publish('room', '1');
    await changing.untilText('data: 1\n\n');
    await app.subscriptions[0]?.remove('room');
    await app.channels.publish('room', '2');
    await other.untilText('data: 2\n\n');
    expect([dataOf(changing), dataOf(other)]).toEqual([
      ['secret', '1'],
      ['1', '2'],
    ]);
    await app.channels.close('room', { final: 'end' });
    expect(dataOf({ text: await other.untilEnd() })).toEqual(['1', '2', 'end']);
    const late = await app.open('room');
    expect(late.status).toBe(204);
    await app.close();
  });

  it('has no part in the snapshots of others', async () => {
    const app = await startChannelApp('express', { subscribe: { snapshot: ({ channel }) => `state of ${channel}` } });
    const changing = await app.open('room');
    await changing.untilText('id: ');
    await app.subscriptions[0]?.add('private');
    const other = await app.open('room');
    await other.untilText('id: ');
    expect(dataOf(other)).toEqual(['state of room']);
    await app.close();
  });

  it('can do so while its snapshot is being taken', async () => {
    let give: (state: string) => void = () => {};
    const app = await startChannelApp('express', {
      subscribe: {
        snapshot: () =>
          new Promise<string>((resolve) => {
            give = resolve;
          }),
      },
    });
    const opening = app.open('a');
    await eventually(() => app.channels.has('a'));
    await nextTurn();
    await app.channels.publish('b', 'before');
    await app.subscriptions[0]?.add('b');
    await app.channels.publish('b', 'after');
    give('state');
    const stream = await opening;
    await app.channels.publish('b', 'end');
    await stream.untilText('end');
    expect(dataOf(stream)).toEqual(['state', 'after', 'end']);
    await app.close();
  });

  it('has its changes made in the order of its calls', async () => {
    const app = await startChannelApp('express');
    const stream = await app.open('a');
    await stream.untilText('id: ');
    const [subscription] = app.subscriptions;
    await Promise.all([subscription?.add('b'), subscription?.remove('b'), subscription?.add('c')]);
    await app.channels.publish('b', 'not wanted');
    await app.channels.publish('c', 'wanted');
    await stream.untilText('data: wanted');
    expect(dataOf(stream)).toEqual(['wanted']);
    await app.close();
  });

  it('gets what a listener publishes to the channel that it has just joined, at the start or later', async () => {
    const app = await startChannelApp('express');
    app.channels.events$.subscribe((event) => {
      if (event.type === 'subscribed') void app.channels.publish(event.channel, `joined ${event.channel}`);
    });
    const stream = await app.open('a');
    await stream.untilText('joined a');
    await app.subscriptions[0]?.add('b');
    await stream.untilText('joined b');
    await app.close();
  });

  it('may be ended by a listener that hears of it, and leaves nothing behind', async () => {
    const app = await startChannelApp('express');
    app.channels.events$.subscribe((event) => {
      if (event.type === 'subscribed') app.subscriptions.at(-1)?.close();
    });
    expect(await (await app.open('a')).untilEnd()).toBe('');
    expect(app.channels.localStats()).toEqual([]);
    await app.close();
  });

  it('is found by what is published while another one leaves the same channels', async () => {
    const app = await startChannelApp('express');
    for (let delay = 0; delay < 8; delay++) {
      const options: SseSubscribeOptions = {};
      const first = app.channels.subscribe('a', options)[Symbol.asyncIterator]();
      const waiting = first.next();
      await nextTurn();
      const second = app.channels.subscribe('a', options)[Symbol.asyncIterator]();
      const next = second.next();
      for (let step = 0; step < delay; step++) await Promise.resolve();
      void first.return?.();
      await waiting;
      await nextTurn();
      await app.channels.publish('a', `${delay}`);
      expect((await next).value).toMatchObject({ data: `${delay}` });
      await second.return?.();
    }
    await app.close();
  });
});
