import { describe, expect, it } from '@jest/globals';
import type { ChannelMessage, SseChannel, SseMessage, SseSource } from '../../lib/index.js';

interface Order {
  readonly total: number;
}

type OrderEvents = { created: Order; deleted: { id: string }; cleared: undefined };

/** For the type checker: an expected error that it does not find is an error. */
function compiles(channel: SseChannel<OrderEvents>, untyped: SseChannel): SseSource[] {
  void channel.publish({ event: 'created', data: { total: 1 } });
  void channel.publish({ event: 'cleared' });
  void channel.publish({ event: 'deleted', data: { id: '1' }, retry: 5 }, { key: 'a' });
  void channel.publish({ comment: 'no event' });
  void channel.close({ final: { event: 'deleted', data: { id: '1' } } });
  // @ts-expect-error: no such event
  void channel.publish({ event: 'changed', data: 1 });
  // @ts-expect-error: the data of another event
  void channel.publish({ event: 'deleted', data: { total: 1 } });
  // @ts-expect-error: the channel assigns the id
  void channel.publish({ event: 'created', data: { total: 1 }, id: '1' });
  // @ts-expect-error: the channel assigns the id
  void untyped.publish({ data: 1, id: '1' });
  // @ts-expect-error: the last message too
  void channel.close({ final: { event: 'changed' } });
  const any: ChannelMessage = { event: 'x', data: new Map() };
  void untyped.publish(any);
  void untyped.publish('text');
  // @ts-expect-error: one or the other
  untyped.subscribe({ replay: 'none' });
  return [untyped.subscribe(), channel.subscribe({ filter: ['created'], replay: 'all' })];
}

/** A message that was received from a channel can be pushed on as it is. */
async function* passOn(channel: SseChannel): AsyncGenerator<SseMessage> {
  yield* channel.subscribe();
}

describe('the types of channels', () => {
  it('are checked with those of everything else', () => {
    expect([compiles, passOn]).toHaveLength(2);
  });
});
