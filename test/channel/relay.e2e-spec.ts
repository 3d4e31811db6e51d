import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { type OutgoingMessage, SseReceiverService } from '../../lib/index.js';
import { isPending } from '../pusher/support/fill.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { AT_ONCE } from '../receiver/support/consumers.js';
import { ScriptedServer, stream, streamAndCut, streamAndEnd } from '../receiver/support/scripted-server.js';
import { type ChannelApp, dataOf, eventsOf, startChannelApp } from './support/channel-app.js';
import { SharedBackplane } from './support/shared-backplane.js';
import { SharedLog } from './support/shared-log.js';

const frames = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, n) => `id: up-${from + n}\ndata: ${from + n}\n\n`);
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}`);

/** Places a message when it is let go. */
class HeldUpBackplane extends SharedBackplane {
  publishing = 0;
  letGo: () => void = () => {};

  override async publish(message: OutgoingMessage): Promise<number> {
    this.publishing++;
    await new Promise<void>((resolve) => {
      this.letGo = resolve;
    });
    return super.publish(message);
  }
}

describe.each(PLATFORMS)('a stream of another server that is piped into a channel on %s', (platform) => {
  let upstream: ScriptedServer;
  let receiver: SseReceiverService;
  let app: ChannelApp;

  beforeEach(async () => {
    upstream = await ScriptedServer.start();
    receiver = new SseReceiverService();
    app = await startChannelApp(platform);
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await app.close();
    await upstream.close();
  });

  async function openTwo() {
    const clients = [await app.open('ticks'), await app.open('ticks')];
    for (const client of clients) await client.untilText('id: ');
    return clients;
  }

  it('reaches all clients in its order, over a connection that is lost too, and the channel lives on', async () => {
    upstream.script(streamAndCut(...frames(1, 40)), streamAndCut(...frames(41, 80)), (response) => {
      response.writeHead(204).end();
    });
    const clients = await openTwo();
    const subscription = receiver.subscribe(upstream.url, { retry: AT_ONCE });
    await app.channels.channel('ticks').pipe(subscription, { ids: 'drop' });
    await app.channels.publish('ticks', 'after it');
    for (const client of clients) {
      await client.untilText('data: after it\n');
      expect(dataOf(client)).toEqual([...numbers(1, 80), 'after it']);
      expect(client.text).not.toContain('up-');
    }
    expect(upstream.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'up-40', 'up-80']);
  });

  it('keeps the names of its events, and gives none to those that had none', async () => {
    upstream.script(streamAndEnd('event: a\ndata: 1\n\n', 'data: 2\n\n', 'event: message\ndata: 3\ndata: 4\n\n'));
    const [client] = await openTwo();
    const subscription = receiver.subscribe(upstream.url, { retry: false });
    await app.channels.channel('ticks').pipe(subscription);
    await client!.untilText('data: 4\n');
    expect(eventsOf(client!)).toEqual(['a']);
    expect(dataOf(client!)).toEqual(['1', '2', '3', '4']);
  });

  it('is left when it has ids and they are not to be dropped: its server sees that', async () => {
    upstream.script(stream(...frames(1, 2)));
    const subscription = receiver.subscribe(upstream.url, { retry: AT_ONCE });
    const piped = app.channels.channel('ticks').pipe(subscription);
    await expect(piped).rejects.toMatchObject({ code: 'SSE_INVALID_MESSAGE', field: 'id' });
    await upstream.deserted();
    expect(subscription.state).toBe('idle');
    expect(app.channels.localNames()).toEqual([]);
  });

  it('is left when the channel is closed', async () => {
    upstream.script(stream(...frames(1, 2)));
    const [client] = await openTwo();
    const subscription = receiver.subscribe(upstream.url, { retry: AT_ONCE });
    const piped = app.channels.channel('ticks').pipe(subscription, { ids: 'drop' });
    const failed = expect(piped).rejects.toMatchObject({ code: 'SSE_CHANNEL', problem: 'closed' });
    await client!.untilText('data: 2\n');
    await app.channels.close('ticks');
    (await upstream.response(1)).write(frames(3, 3).join(''));
    await failed;
    await upstream.deserted();
    expect(dataOf({ text: await client!.untilEnd() })).toEqual(['1', '2']);
  });

  it('ends with the application', async () => {
    function* endless() {
      for (;;) yield 'tick';
    }
    const piped = app.channels.channel('ticks').pipe(endless());
    const failed = expect(piped).rejects.toMatchObject({ code: 'SSE_CHANNEL', problem: 'stopped' });
    await app.close();
    await failed;
  });

  it('is read no further than what was published', async () => {
    const backplane = new HeldUpBackplane(new SharedLog());
    const slow = await startChannelApp(platform, { sse: { backplane } });
    const client = await slow.open('ticks');
    await client.untilText('id: ');
    let asked = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () =>
          ++asked < 4 ? { done: false, value: `${asked}` } : ({ done: true, value: undefined } as const),
      }),
    };
    const piped = slow.channels.channel('ticks').pipe(source);
    for (let count = 1; count < 4; count++) {
      expect(await isPending(piped)).toBe(true);
      expect({ asked, publishing: backplane.publishing }).toEqual({ asked: count, publishing: count });
      backplane.letGo();
      await client.untilText(`data: ${count}\n`);
    }
    await piped;
    expect(asked).toBe(4);
    await slow.close();
  });

  it('is logged, and ends no process, when it fails and nobody awaits it', async () => {
    const logged: unknown[] = [];
    const seen = new Promise<void>((resolve) => {
      Logger.overrideLogger({
        log() {},
        warn() {},
        error(message: unknown) {
          logged.push(message);
          resolve();
        },
      });
    });
    void app.channels.channel('ticks').pipe([{ id: '1', data: 'a' }]);
    await seen;
    Logger.overrideLogger(false);
    expect(logged).toEqual([expect.stringMatching(/"ticks".*its id must not be given/)]);
  });
});
