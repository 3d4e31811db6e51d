import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { BodyPart } from '../pusher/body-part.js';
import { LoopTurn } from '../pusher/loop-turn.js';
import { SELF_WRITING, type SharedStream, type StreamTenant } from '../pusher/shared-stream.js';
import { ChannelHub } from './channel-hub.js';
import { SseChannelSubscription } from './channel-subscription.js';
import { HistoryPolicy } from './history-options.js';
import { MemoryBackplane } from './memory-backplane.js';
import { PlainPositions } from './plain-positions.js';
import { Subscribers } from './subscribers.js';

/** A peer that takes whatever it is sent, at once. */
class HungryPeer implements SharedStream {
  readonly info = undefined;
  readonly settings = { maxBufferedBytes: 1_000_000, openAfterMs: undefined, serialize: undefined, pingFrame: '' };
  readonly state = 'open';
  readonly resumeFrom = undefined;
  full = false;
  tenant: StreamTenant | undefined;
  readonly bufferedBytes = 0;
  text = '';
  /** Writes since this was last looked at. */
  writes = 0;

  open(): void {}

  writeShared({ bytes }: BodyPart): void {
    this.text += bytes.toString();
    this.writes++;
  }

  answerNoContentAtEnd(): void {}

  turnAway(): boolean {
    return false;
  }

  letTo(tenant: StreamTenant): boolean {
    this.tenant = tenant;
    return true;
  }

  vacate(): void {}
}

function write(subscription: SseChannelSubscription, peer: SharedStream): Promise<void> {
  return new Promise((ended, failed) => subscription[SELF_WRITING].writeInto(peer, { ended, failed }));
}

describe('a reader that catches up', () => {
  it('hands the event loop back after some writes, though its peer takes them all', async () => {
    const hub = new ChannelHub({
      backplane: new MemoryBackplane(),
      policy: new HistoryPolicy({ bytes: 10_000_000 }),
      options: {},
      turn: new LoopTurn(),
      serialize: undefined,
      maxMessageBytes: 1_000_000,
      positions: new PlainPositions(),
    });
    await hub.start();
    for (let n = 0; n < 40; n++) await hub.publish('a', `${n} ${'x'.repeat(40_000)}`, undefined);
    const peer = new HungryPeer();
    const subscription = new SseChannelSubscription(new Subscribers(hub), ['a'], { replay: 'all' });
    const written = write(subscription, peer);
    // The first turn is this one.
    const perTurn = [peer.writes];
    peer.writes = 0;
    while (!peer.text.includes('data: 39 ')) {
      await nextTurn();
      perTurn.push(peer.writes);
      peer.writes = 0;
    }
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(5);
    expect([...peer.text.matchAll(/^data: (\d+) /gm)].map(([, n]) => Number(n))).toEqual(
      Array.from({ length: 40 }, (_, n) => n),
    );
    await hub.stop();
    await written;
  });
});

describe('a reader that cannot write', () => {
  it('does not pass over what is lost to it when it pings', async () => {
    const hub = new ChannelHub({
      backplane: new MemoryBackplane(),
      policy: new HistoryPolicy({ events: 0 }),
      options: {},
      turn: new LoopTurn(),
      serialize: undefined,
      maxMessageBytes: 1_000_000,
      positions: new PlainPositions(),
    });
    await hub.start();
    const peer = new HungryPeer();
    const subscription = new SseChannelSubscription(new Subscribers(hub), ['a'], {});
    const written = write(subscription, peer);
    await nextTurn();
    await hub.publish('a', '1', undefined);
    peer.full = true;
    await hub.publish('a', '2', undefined);
    await hub.publish('a', '3', undefined);
    expect(peer.text).toContain('data: 2');
    expect(peer.text).not.toContain('data: 3');
    expect(peer.tenant?.pingFrame()).toBe('');
    peer.full = false;
    peer.tenant?.onWritable();
    expect(peer.text).toContain('event: gap');
    await hub.stop();
    await written;
  });
});

describe('a reader that follows another channel while it is behind', () => {
  it('is not behind what that channel had before, but what comes from then on', async () => {
    const hub = new ChannelHub({
      backplane: new MemoryBackplane(),
      policy: new HistoryPolicy(),
      options: {},
      turn: new LoopTurn(),
      serialize: undefined,
      maxMessageBytes: 1_000_000,
      positions: new PlainPositions(),
    });
    await hub.start();
    const subscribers = new Subscribers(hub);
    const peer = new HungryPeer();
    const subscription = new SseChannelSubscription(subscribers, ['a'], {});
    const written = write(subscription, peer);
    await nextTurn();
    peer.full = true;
    for (const data of ['1', '2']) await hub.publish('a', data, undefined);
    for (const data of ['3', '4', '5']) await hub.publish('b', data, undefined);
    expect(subscribers.lags()).toEqual([1]);
    await subscription.add('b');
    expect(subscribers.lags()).toEqual([1]);
    await hub.publish('b', '6', undefined);
    expect(subscribers.lags()).toEqual([2]);
    await hub.stop();
    await written;
  });
});
