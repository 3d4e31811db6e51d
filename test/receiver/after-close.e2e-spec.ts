import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { take, turns } from './support/consumers.js';
import { numbered, ScriptedServer, stream } from './support/scripted-server.js';

describe('after close(), a consumer that is behind another one', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(numbered(1, 2, 3)));
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  it('is given nothing any more', async () => {
    const subscription = receiver.subscribe(server.url);
    const quick = subscription[Symbol.asyncIterator]();
    const slow = subscription[Symbol.asyncIterator]();
    const first = slow.next();
    for (let i = 0; i < 3; i++) await quick.next();
    await first;
    await subscription.close();
    expect(await slow.next()).toEqual({ done: true, value: undefined });
  });

  it('has its handler called no more', async () => {
    const subscription = receiver.subscribe(server.url);
    const handled: string[] = [];
    let letGo = () => {};
    const processing = subscription.process(async ({ data }) => {
      handled.push(data);
      // Only the first one waits: a second one, if there were one, would be seen rather than hang.
      if (handled.length > 1) return;
      await new Promise<void>((resolve) => {
        letGo = resolve;
      });
    });
    const quick = subscription[Symbol.asyncIterator]();
    for (let i = 0; i < 3; i++) await quick.next();
    await subscription.close();
    letGo();
    await processing;
    expect(handled).toEqual(['1']);
  });

  it.each(['drop-oldest', 'fail'] as const)(
    'is given nothing of what waits in its concatMap() with %s',
    async (overflow) => {
      const subscription = receiver.subscribe(server.url);
      const begun: string[] = [];
      let letGo = () => {};
      subscription
        .concatMap(
          ({ data }) => {
            begun.push(data);
            return new Promise<void>((resolve) => {
              letGo = resolve;
            });
          },
          { overflow },
        )
        .subscribe();
      await take(subscription, 3);
      await subscription.close();
      letGo();
      await turns(1);
      expect(begun).toEqual(['1']);
    },
  );
});
