import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { STEP_MS } from './catch-up.js';
import { Feed, type FeedParts } from './feed.js';
import type { Inbox } from './log-reader.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisSubscriberEvents } from './redis-link.js';

const keys = new RedisKeys('test');
const never = () => new Promise<never>(() => {});

describe('catching up over a connection on which nothing comes any more', () => {
  const made = { link: 0, subscriber: 0 };
  let events: RedisSubscriberEvents;

  const feedWith = (parts: { subscribe: () => Promise<void>; note: boolean }) => {
    const read = async (_: unknown, inbox: Inbox) => {
      if (parts.note) events.message(inbox.topic, `${inbox.note} 1 0 epoch`);
      return { epoch: 'epoch', head: 1, rupture: 0, channels: [] };
    };
    return new Feed(
      {
        keys,
        id: 'me',
        log: { cutOff() {}, back() {}, trouble() {} },
        receiver: { deliver() {}, closed() {}, advanced() {}, lost() {}, ruptured() {} },
        link: {
          reconnect: () => made.link++,
          subscriber(given: RedisSubscriberEvents) {
            events = given;
            return {
              subscribe: parts.subscribe,
              unsubscribe: async () => {},
              reconnect: () => made.subscriber++,
              close() {},
            };
          },
        },
        reader: { read },
      } as unknown as FeedParts,
      { epoch: 'epoch', head: 1, rupture: 0 },
    );
  };

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    Object.assign(made, { link: 0, subscriber: 0 });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it.each([
    ['the topics are not confirmed', { subscribe: never, note: true }],
    ['the note does not come', { subscribe: async () => {}, note: false }],
  ])('gives it up when %s', async (_, parts) => {
    const feed = feedWith(parts);
    const syncing = expect(feed.sync(new AbortController().signal)).rejects.toThrow('stopped');
    events.ready();
    await jest.advanceTimersByTimeAsync(STEP_MS - 1);
    expect(made).toEqual({ link: 0, subscriber: 0 });
    await jest.advanceTimersByTimeAsync(1);
    expect(made).toEqual({ link: 1, subscriber: 1 });
    feed.stop();
    await syncing;
  });

  it('makes no connection any more once it has stopped', async () => {
    const feed = feedWith({ subscribe: never, note: true });
    const syncing = expect(feed.sync(new AbortController().signal)).rejects.toThrow('stopped');
    events.ready();
    feed.stop();
    feed.reconnect();
    await jest.advanceTimersByTimeAsync(2 * STEP_MS);
    await syncing;
    expect(made).toEqual({ link: 0, subscriber: 0 });
  });
});
