import { expect, it } from '@jest/globals';
import type { PlacedMessage } from '../channel/index.js';
import { Feed, type FeedParts } from './feed.js';
import type { Inbox } from './log-reader.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisSubscriberEvents } from './redis-link.js';

const keys = new RedisKeys('test');
const limits = { events: 10, bytes: 1000, ageMs: 1000 };

function placed(seq: number): PlacedMessage {
  return { channel: 'a', seq, key: undefined, body: `data: ${seq}\n\n` };
}

it('opens a channel with no more than what its note speaks of, though the read was repeated and has more', async () => {
  const delivered: number[] = [];
  let events: RedisSubscriberEvents | undefined;
  const tell = ({ topic, note }: Inbox, head: number) => events!.message(topic, `${note} ${head} 0 epoch`);
  const parts = {
    keys,
    id: 'me',
    log: { cutOff() {}, back() {}, trouble: (error: unknown) => expect(error).toBeUndefined() },
    receiver: {
      deliver: ({ seq }: PlacedMessage) => delivered.push(seq),
      closed() {},
      advanced() {},
      lost() {},
      ruptured() {},
    },
    link: {
      subscriber(given: RedisSubscriberEvents) {
        events = given;
        setImmediate(() => given.ready());
        return { subscribe: async () => {}, unsubscribe: async () => {}, reconnect() {}, close() {} };
      },
    },
    reader: {
      read: async (requests: readonly unknown[], inbox: Inbox) => {
        const state = { epoch: 'epoch', head: 10, rupture: 0 };
        tell(inbox, 10);
        if (requests.length === 0) {
          return { ...state, channels: [] };
        }
        events!.message(keys.channel('a'), `m10 11\n\n${placed(11).body}`);
        tell(inbox, 11);
        return {
          ...state,
          head: 12,
          channels: [{ channel: 'a', floor: 5, end: undefined, messages: [10, 11, 12].map(placed) }],
        };
      },
    },
  } as unknown as FeedParts;
  const feed = new Feed(parts, { epoch: 'epoch', head: 1, rupture: 0 });
  const start = await feed.open('a', limits, new AbortController().signal);
  expect(start).toMatchObject({ floor: 5, seq: 10, messages: [{ seq: 10 }] });
  events!.message(keys.channel('a'), `m11 12\n\n${placed(12).body}`);
  expect(delivered).toEqual([11, 12]);
  feed.stop();
});
