import { afterEach, describe, expect, it } from '@jest/globals';
import { type SseModuleOptions, type SseSnapshot, SseStreamRegistry } from '../../lib/index.js';
import { type ChannelApp, type ChannelAppParts, startChannelApp } from '../channel/support/channel-app.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { RawSocket } from '../pusher/support/raw-socket.js';

const TEXT = 'x'.repeat(20_000);
/** Far more than a loopback connection holds by itself. */
const MORE_THAN_A_SOCKET_HOLDS = 500;

describe.each(PLATFORMS)('how far a reader of channels is behind on %s', (platform) => {
  let app: ChannelApp;
  let registry: SseStreamRegistry;

  afterEach(() => app.close());

  async function start(sse: SseModuleOptions, parts: ChannelAppParts = {}): Promise<void> {
    app = await startChannelApp(platform, { ...parts, sse: { writeTimeoutMs: 0, ...sse } });
    registry = app.app.get(SseStreamRegistry);
  }

  async function stuckReader(names: string): Promise<RawSocket> {
    const slow = (await RawSocket.connect(app.port)).get(`/stream?of=${names}`);
    await slow.untilText('id: ');
    slow.pause();
    return slow;
  }

  async function publish(count: number): Promise<void> {
    for (let n = 0; n < count; n++) await app.channels.publish('a', `${n} ${TEXT}`);
  }

  it('is told in messages, bytes and time, until it has caught up', async () => {
    await start({ history: { events: 1000, bytes: 50_000_000 } });
    const slow = await stuckReader('a,b');
    await publish(MORE_THAN_A_SOCKET_HOLDS);
    const [stuck] = registry.list();
    const { messages, bytes, forMs } = stuck!.lag!;
    expect(messages).toBeGreaterThan(0);
    expect(messages).toBeLessThan(MORE_THAN_A_SOCKET_HOLDS);
    expect(bytes).toBeGreaterThan(messages * TEXT.length);
    expect(bytes).toBeLessThan(messages * (TEXT.length + 100));

    const position = Number(stuck!.position!.split('-')[1]);
    expect(messages).toBe(MORE_THAN_A_SOCKET_HOLDS - position);
    await app.channels.publish('b', 'also for it');
    await app.channels.publish('c', 'not for it');
    const [later] = registry.list();
    expect(later).toMatchObject({ position: stuck!.position, lag: { messages: messages + 1, hasLost: false } });
    expect(later!.lag!.forMs).toBeGreaterThanOrEqual(forMs);

    await eventually(() => registry.list()[0]!.lag!.forMs > forMs);
    // What a channel had before it was followed is not for the stream either, what comes from then on is.
    await app.subscriptions[0]!.add('c');
    expect(registry.list()[0]!.lag!.messages).toBe(messages + 1);
    await app.channels.publish('c', 'for it now');
    expect(registry.list()[0]!.lag!.messages).toBe(messages + 2);

    slow.resume();
    await slow.untilText('for it now');
    await eventually(() => registry.list()[0]!.bufferedBytes === 0);
    expect(registry.list()[0]!.lag).toEqual({ messages: 0, bytes: 0, forMs: 0, hasLost: false });
    slow.leave();
  });

  it('says that something is lost to it when the log has outrun it', async () => {
    await start({ history: { events: 10 } });
    const slow = await stuckReader('a');
    await publish(MORE_THAN_A_SOCKET_HOLDS);
    // Of those that one turn has brought, all are kept for a moment.
    await eventually(() => registry.list()[0]!.lag!.hasLost);
    expect(registry.list()[0]!.lag!.messages).toBeLessThanOrEqual(11);
    slow.leave();
  });

  it('is not known while it waits for a snapshot', async () => {
    const asked = deferred();
    const snapshot = deferred();
    const subscribe = {
      snapshot: async (): Promise<SseSnapshot> => {
        asked.resolve();
        await snapshot.promise;
        return { data: 'state' };
      },
    };
    await start({}, { subscribe });
    const opening = app.open('a');
    await asked.promise;
    const [waiting] = registry.list();
    expect(waiting).toMatchObject({ state: 'pending', channels: ['a'] });
    expect(waiting).not.toHaveProperty('lag');
    expect(waiting).not.toHaveProperty('position');
    snapshot.resolve();
    const stream = await opening;
    await stream.untilText('state');
    expect(registry.list()[0]).toMatchObject({ state: 'open', lag: { messages: 0 } });
  });
});
