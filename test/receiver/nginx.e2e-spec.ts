import { once } from 'node:events';
import type { Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import {
  type ReceivedMessage,
  type SseConnectionState,
  SseReceiverService,
  type SseSubscription,
} from '../../lib/index.js';
import { type ChannelApp, startChannelApp } from '../channel/support/channel-app.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { data, entered, take } from './support/consumers.js';
import { canRunNginx, Nginx } from './support/nginx.js';
import { Relay } from './support/relay.js';

const describeWithNginx = canRunNginx() ? describe : describe.skip;
const SOON = { nextDelayMs: () => 20 };
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);

/** Takes messages as they come, until there are so many. */
async function collect(subscription: SseSubscription, into: ReceivedMessage[], count: number): Promise<void> {
  for await (const message of subscription) if (into.push(message) === count) return;
}

/** The wait after a response with this status. */
function refusedWith(subscription: SseSubscription, status: number) {
  const isRefusal = (state: SseConnectionState): state is SseConnectionState & { phase: 'waiting' } =>
    state.phase === 'waiting' && state.outcome.status === status;
  return firstValueFrom(subscription.state$.pipe(filter(isRefusal)));
}

describeWithNginx('a channel of Nchan, the pub/sub server in nginx', () => {
  let nginx: Nginx;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    receiver = new SseReceiverService();
    nginx = await Nginx.start(`
      location = /publish { nchan_publisher; nchan_channel_id news; nchan_message_buffer_length 1000; }
      location = /stream {
        nchan_subscriber eventsource;
        nchan_channel_id news;
        nchan_subscriber_first_message oldest;
        nchan_eventsource_ping_interval 1;
      }
    `);
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await nginx?.remove();
  });

  const subscribe = (options = {}, origin = nginx.origin) =>
    receiver.subscribe(`${origin}/stream`, { retry: SOON, ...options });

  async function publish(...texts: string[]): Promise<void> {
    for (const body of texts) await fetch(`${nginx.origin}/publish`, { method: 'POST', body });
  }

  it('gives messages, with ids of its own kind, names and several lines', async () => {
    await publish('one', 'two\nlines');
    const headers = { 'x-eventsource-event': 'named' };
    await fetch(`${nginx.origin}/publish`, { method: 'POST', body: 'thrée', headers });
    const messages = await take(subscribe(), 3);
    expect(messages).toMatchObject([{ data: 'one' }, { data: 'two\nlines' }, { data: 'thrée', event: 'named' }]);
    for (const { id } of messages) expect(id).toMatch(/^\d{10}:\d+$/);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(3);
  });

  it('goes on where an earlier subscription was closed, as another process would', async () => {
    await publish(...numbers(1, 5));
    const first = subscribe();
    expect(data(await take(first, 2))).toEqual(['1', '2']);
    await first.close();
    await publish(...numbers(6, 8));
    expect(data(await take(subscribe({ lastEventId: first.lastEventId }), 6))).toEqual(numbers(3, 8));
  });

  it('gives every message once when the connection is cut, again and again', async () => {
    const relay = await Relay.to(nginx.port);
    const subscription = subscribe({}, relay.origin);
    const messages: ReceivedMessage[] = [];
    const collecting = collect(subscription, messages, 50);
    for (let round = 0; round < 5; round++) {
      await publish(...numbers(round * 10 + 1, round * 10 + 5));
      await eventually(() => messages.length === round * 10 + 5);
      const lost = entered(subscription, 'waiting');
      relay.cut();
      expect((await lost).outcome).toMatchObject({ kind: 'network', willRetry: true });
      await publish(...numbers(round * 10 + 6, round * 10 + 10));
      relay.mend();
      await eventually(() => messages.length === round * 10 + 10);
    }
    await collecting;
    expect(data(messages)).toEqual(numbers(1, 50));
    await relay.close();
  });

  it('is followed through a reload, which ends the stream', async () => {
    await publish('before');
    const subscription = subscribe();
    const messages: ReceivedMessage[] = [];
    const collecting = collect(subscription, messages, 2);
    await eventually(() => messages.length === 1);
    const lost = entered(subscription, 'waiting');
    await nginx.reload();
    expect((await lost).outcome).toMatchObject({ kind: 'end', status: 200 });
    await entered(subscription, 'open');
    await publish('after');
    await collecting;
    expect(data(messages)).toEqual(['before', 'after']);
  });

  it('pings with events that have no data, which are no messages', async () => {
    const relay = await Relay.to(nginx.port);
    const subscription = subscribe({}, relay.origin);
    const taking = take(subscription, 1);
    await eventually(() => relay.answered.includes('event: ping\n\n'));
    await publish('one');
    expect(await taking).toMatchObject([{ event: 'message', data: 'one' }]);
    await relay.close();
  });
});

describe.each(PLATFORMS)('our own streams on %s', (platform) => {
  describeWithNginx.each([
    ['HTTP/1.0', ''],
    ['HTTP/1.1', 'proxy_http_version 1.1; proxy_set_header Connection "";'],
  ])('behind nginx, which speaks %s to them', (_version, directives) => {
    let app: ChannelApp;
    let nginx: Nginx;
    let receiver: SseReceiverService;

    beforeAll(async () => {
      app = await startChannelApp(platform, { sse: { pingMs: 50 } });
      nginx = await Nginx.start(`location / { proxy_pass http://127.0.0.1:${app.port}; ${directives} }`);
    });

    afterAll(async () => {
      await nginx?.remove();
      await app.close();
    });

    beforeEach(() => {
      receiver = new SseReceiverService();
    });

    afterEach(async () => {
      await receiver.onModuleDestroy();
    });

    const subscribe = (channel: string, options = {}) =>
      receiver.subscribe(`${nginx.origin}/stream?of=${channel}`, { retry: SOON, ...options });

    /** How many streams follow a channel on the server. */
    const readers = (channel: string) =>
      app.channels.localStats().find((stats) => stats.channel === channel)?.subscribers ?? 0;

    it('arrive event by event, although nginx buffers what it is not told to pass on', async () => {
      const subscription = subscribe('steps');
      const messages: ReceivedMessage[] = [];
      const collecting = collect(subscription, messages, 3);
      await eventually(() => readers('steps') === 1);
      for (const step of numbers(1, 3)) {
        await app.channels.publish('steps', step);
        await eventually(() => messages.length === Number(step));
      }
      await collecting;
      expect(data(messages)).toEqual(numbers(1, 3));
    });

    it('pass their pings on', async () => {
      const comments: string[] = [];
      const taking = take(subscribe('pings', { onComment: (comment: string) => comments.push(comment) }), 1);
      await eventually(() => comments.length >= 3);
      await app.channels.publish('pings', 'one');
      expect(data(await taking)).toEqual(['one']);
    });

    it('give every message once through an nginx that is killed and started again', async () => {
      const subscription = subscribe('kills');
      const messages: ReceivedMessage[] = [];
      const collecting = collect(subscription, messages, 30);
      await eventually(() => readers('kills') === 1);
      for (let round = 0; round < 3; round++) {
        for (const text of numbers(round * 10 + 1, round * 10 + 5)) await app.channels.publish('kills', text);
        await eventually(() => messages.length === round * 10 + 5);
        await nginx.stop();
        for (const text of numbers(round * 10 + 6, round * 10 + 10)) await app.channels.publish('kills', text);
        await nginx.run();
        await eventually(() => messages.length === round * 10 + 10);
      }
      await collecting;
      expect(data(messages)).toEqual(numbers(1, 30));
    });

    it('are asked for again after the 502 that nginx gives while their server is down', async () => {
      const subscription = subscribe('outage');
      const messages: ReceivedMessage[] = [];
      const collecting = collect(subscription, messages, 2);
      await eventually(() => readers('outage') === 1);
      await app.channels.publish('outage', 'before');
      await eventually(() => messages.length === 1);
      const server: Server = app.app.getHttpServer();
      const refused = refusedWith(subscription, 502);
      server.close();
      server.closeAllConnections();
      expect((await refused).outcome).toMatchObject({ kind: 'http', status: 502, willRetry: true });
      await app.channels.publish('outage', 'meanwhile');
      await once(server.listen(app.port, '127.0.0.1'), 'listening');
      await collecting;
      expect(data(messages)).toEqual(['before', 'meanwhile']);
    });

    it('are closed at their server when the receiver leaves', async () => {
      const subscription = subscribe('leaving');
      const taking = take(subscription, 1);
      await eventually(() => readers('leaving') === 1);
      await subscription.close();
      expect(await taking).toEqual([]);
      await eventually(() => readers('leaving') === 0);
    });
  });
});
