import { describe, expect, it } from '@jest/globals';
import { collectGarbage } from '../../test/pusher/support/collect-garbage.js';
import { LoopTurn } from '../pusher/loop-turn.js';
import { SELF_WRITING } from '../pusher/shared-stream.js';
import { ChannelHub } from './channel-hub.js';
import { SseChannelSubscription } from './channel-subscription.js';
import { HistoryPolicy } from './history-options.js';
import { IteratedStream } from './iterated-stream.js';
import { MemoryBackplane } from './memory-backplane.js';
import { PlainPositions } from './plain-positions.js';
import { Subscribers } from './subscribers.js';

const SETTINGS = { maxBufferedBytes: 1000, openAfterMs: undefined, serialize: undefined, pingFrame: '' };

async function startHub(): Promise<ChannelHub> {
  const hub = new ChannelHub({
    backplane: new MemoryBackplane(),
    policy: new HistoryPolicy({}),
    options: {},
    turn: new LoopTurn(),
    serialize: undefined,
    maxMessageBytes: 1000,
    positions: new PlainPositions(),
  });
  await hub.start();
  return hub;
}

/** @returns resolves when it has ended */
function follow(subscription: SseChannelSubscription, stream: IteratedStream): Promise<void> {
  return new Promise((ended, failed) => subscription[SELF_WRITING].writeInto(stream, { ended, failed }));
}

describe('a subscription that runs', () => {
  it('needs not be kept by anybody', async () => {
    const hub = await startHub();
    const stream = new IteratedStream(SETTINGS, undefined);
    const start = () => {
      const subscription = new SseChannelSubscription(new Subscribers(hub), ['a'], {});
      void follow(subscription, stream);
      return new WeakRef(subscription);
    };
    const subscription = start();
    await collectGarbage();
    expect(subscription.deref()).toBeUndefined();
    await hub.publish('a', 'x', undefined);
    expect((await stream.next()).value).toMatchObject({ data: 'x' });
    await hub.stop();
  });

  it('lets go of its stream at its end, though it is kept itself', async () => {
    const hub = await startHub();
    const subscription = new SseChannelSubscription(new Subscribers(hub), ['a'], {});
    const end = async () => {
      const stream = new IteratedStream(SETTINGS, undefined);
      const ended = follow(subscription, stream);
      stream.end();
      await ended;
      return new WeakRef(stream);
    };
    const stream = await end();
    await collectGarbage();
    expect(stream.deref()).toBeUndefined();
    await subscription.add('b');
    await subscription.remove('a');
    expect([...hub.book.all()].every(({ subscribers }) => subscribers === 0)).toBe(true);
    await hub.stop();
  });

  it('ends with the channels, and is told of the end once', async () => {
    const hub = await startHub();
    const stream = new IteratedStream(SETTINGS, undefined);
    let ended = 0;
    const subscription = new SseChannelSubscription(new Subscribers(hub), ['a'], {});
    subscription[SELF_WRITING].writeInto(stream, { ended: () => ended++, failed: () => ended++ });
    await hub.stop();
    stream.end();
    subscription.close();
    await new Promise(setImmediate);
    expect(ended).toBe(1);
  });
});
