import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import { SseConnectError, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, takeAll } from './support/consumers.js';
import { answer, numbered, ScriptedServer, streamAndEnd } from './support/scripted-server.js';

describe('consumers after the end', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  describe('what had arrived for one that left', () => {
    beforeEach(() => server.script(streamAndEnd(numbered(1, 2, 3)), answer(204)));

    it('comes to who goes on after a break, though the stream has ended meanwhile', async () => {
      const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
      const taken: string[] = [];
      for await (const message of subscription) {
        taken.push(message.data);
        await entered(subscription, 'closed');
        break;
      }
      expect(subscription.lastEventId).toBe('1');
      taken.push(...data(await takeAll(subscription)));
      expect(taken).toEqual(['1', '2', '3']);
    });

    it('comes to process() called anew after a failure, though the stream has ended meanwhile', async () => {
      const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
      const handled: string[] = [];
      let failures = 1;
      const handle = async ({ data }: { data: string }) => {
        await entered(subscription, 'closed');
        if (failures-- > 0) throw new Error('The database is being restarted');
        handled.push(data);
      };
      await expect(subscription.process(handle)).rejects.toThrow('restarted');
      // Without an error, as if everything had been handled.
      await subscription.process(handle);
      expect(handled).toEqual(['1', '2', '3']);
    });

    it('comes to who follows an Observable that took a part of it', async () => {
      const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
      for await (const _ of subscription) {
        await entered(subscription, 'closed');
        break;
      }
      expect((await firstValueFrom(subscription.messages$)).data).toBe('2');
      expect(subscription.lastEventId).toBe('2');
      expect(data(await takeAll(subscription))).toEqual(['3']);
    });
  });

  describe('a final failure', () => {
    it('comes after what has arrived, to everybody', async () => {
      server.script(streamAndEnd('data: a\n\ndata: b\n\n'), answer(404));
      const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
      const seen: string[] = [];
      const iterating = (async () => {
        for await (const message of subscription) {
          seen.push(message.data);
          // Behind on purpose: the failure is there before the second message is asked for.
          if (seen.length === 1) await entered(subscription, 'closed');
        }
      })();
      const processing = subscription.process(async () => {});
      const pushing = firstValueFrom(subscription.messages$.pipe(toArray()));
      const failures = await Promise.all([failureOf(iterating), failureOf(processing), failureOf(pushing)]);
      expect(failures[0]).toBeInstanceOf(SseConnectError);
      expect(failures[1]).toBe(failures[0]);
      expect(failures[2]).toBe(failures[0]);
      expect(seen).toEqual(['a', 'b']);
    });

    it('meets whoever comes late, and an iterator once only', async () => {
      server.script(answer(404));
      const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
      const failure = await failureOf(takeAll(subscription));
      const late = subscription[Symbol.asyncIterator]();
      expect(await failureOf(late.next())).toBe(failure);
      expect(await late.next()).toEqual({ done: true, value: undefined });
      expect(await failureOf(subscription.process(async () => {}))).toBe(failure);
      expect(await failureOf(firstValueFrom(subscription.messages$))).toBe(failure);
    });
  });
});
