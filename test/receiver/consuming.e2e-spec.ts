import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { firstValueFrom, toArray } from 'rxjs';
import type { ReceivedMessage } from '../../lib/protocol/index.js';
import { type SseConnectionState, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, failureOf, take, takeAll } from './support/consumers.js';
import { answer, numbered, ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

describe('consuming', () => {
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

  const subscribe = () => receiver.subscribe(server.url, { retry: AT_ONCE });

  describe('one connection for all', () => {
    it('is made when somebody consumes, not before', async () => {
      server.script(stream('data: a\n\n'));
      const subscription = subscribe();
      const states: SseConnectionState[] = [];
      subscription.state$.subscribe((state) => states.push(state));
      subscription[Symbol.asyncIterator]();
      await new Promise(setImmediate);
      expect(server.sockets.size).toBe(0);
      expect(states).toEqual([{ phase: 'idle' }]);
      await take(subscription, 1);
      expect(server.requests).toHaveLength(1);
    });

    it('shows every consumer each message from when it joined', async () => {
      server.script(stream('data: a\n\n'));
      const subscription = subscribe();
      const first = take(subscription, 3);
      const pushed: string[] = [];
      subscription.messages$.subscribe(({ data }) => pushed.push(data));
      await firstValueFrom(subscription.messages$);
      const late = take(subscription, 2);
      const response = await server.response(1);
      response.write('data: b\n\n');
      response.write('data: c\n\n');
      expect(data(await first)).toEqual(['a', 'b', 'c']);
      expect(data(await late)).toEqual(['b', 'c']);
      expect(pushed).toEqual(['a', 'b', 'c']);
      expect(server.requests).toHaveLength(1);
    });

    it('is given up when the last consumer leaves, and taken up again after the cursor', async () => {
      server.script(stream('id: 1\ndata: a\n\nid: 2\ndata: b\n\n'), stream('id: 2\ndata: b\n\n'));
      const subscription = subscribe();
      expect(data(await take(subscription, 1))).toEqual(['a']);
      expect(subscription.state).toBe('idle');
      await server.deserted();
      expect(subscription.lastEventId).toBe('1');
      expect((await firstValueFrom(subscription.messages$)).data).toBe('b');
      expect(server.requests[1]?.headers['last-event-id']).toBe('1');
    });

    it('stays while somebody is left', async () => {
      server.script(stream('data: a\n\n'));
      const subscription = subscribe();
      const staying = take(subscription, 2);
      await take(subscription, 1);
      expect(subscription.state).toBe('open');
      server.responses[0]?.write('data: b\n\n');
      expect(data(await staying)).toEqual(['a', 'b']);
    });
  });

  describe('state$', () => {
    it('tells status and headers on open, the outcome on each loss, and completes', async () => {
      server.script(answer(503, {}, 'busy'), streamAndEnd('data: a\n\n'), answer(204));
      const subscription = subscribe();
      const states = firstValueFrom(subscription.state$.pipe(toArray()));
      await takeAll(subscription);
      expect(await states).toMatchObject([
        { phase: 'idle' },
        { phase: 'connecting', attempt: 1 },
        {
          phase: 'waiting',
          delayMs: 0,
          outcome: { kind: 'http', status: 503, bodyExcerpt: 'busy', attempt: 1, willRetry: true, nextDelayMs: 0 },
        },
        { phase: 'connecting', attempt: 2 },
        { phase: 'open', status: 200, headers: { 'content-type': 'text/event-stream' } },
        { phase: 'waiting', outcome: { kind: 'end', attempt: 1 } },
        { phase: 'connecting', attempt: 2 },
        { phase: 'closed', outcome: { kind: 'no-content', willRetry: false } },
      ]);
      expect(await firstValueFrom(subscription.state$)).toMatchObject({ phase: 'closed' });
    });

    it('carries a final failure as a value, so that watching alone never throws', async () => {
      server.script(answer(404));
      const subscription = subscribe();
      const states = firstValueFrom(subscription.state$.pipe(toArray()));
      const failure = await failureOf(takeAll(subscription));
      expect((await states).at(-1)).toMatchObject({ phase: 'closed', error: failure });
    });
  });

  describe('process()', () => {
    it('hands over one message at a time, and the cursor follows what is finished', async () => {
      server.script(stream('id: 1\ndata: a\n\nid: 2\ndata: b\n\n'));
      const subscription = subscribe();
      const finishers: (() => void)[] = [];
      const handler = jest.fn((_message: ReceivedMessage) => new Promise<void>((resolve) => finishers.push(resolve)));
      const processing = subscription.process(handler);
      await firstValueFrom(subscription.messages$);
      await new Promise(setImmediate);
      expect(handler).toHaveBeenCalledTimes(1);
      expect(subscription.lastEventId).toBe('');
      finishers[0]?.();
      await new Promise(setImmediate);
      expect(handler).toHaveBeenCalledTimes(2);
      expect(subscription.lastEventId).toBe('1');
      await subscription.close();
      finishers[1]?.();
      await processing;
      expect(subscription.lastEventId).toBe('2');
      expect(data(handler.mock.calls.map(([message]) => message))).toEqual(['a', 'b']);
    });

    it('rejects with what the handler threw; the message is not finished and comes again', async () => {
      server.script(stream('id: 1\ndata: a\n\nid: 2\ndata: b\n\n'), stream('id: 2\ndata: b\n\n'));
      const subscription = subscribe();
      const processing = subscription.process(async ({ data }) => {
        if (data === 'b') throw new Error('no b today');
      });
      await expect(processing).rejects.toThrow('no b today');
      expect(subscription.state).toBe('idle');
      expect(subscription.lastEventId).toBe('1');
      expect(data(await take(subscription, 1))).toEqual(['b']);
      expect(server.requests[1]?.headers['last-event-id']).toBe('1');
    });

    it('aborts the signal of a running handler on close', async () => {
      server.script(stream('data: a\n\n'));
      const subscription = subscribe();
      let signal: AbortSignal | undefined;
      await subscription.process(async (_message, context) => {
        signal = context.signal;
        expect(signal.aborted).toBe(false);
        await subscription.close();
      });
      expect(signal?.aborted).toBe(true);
    });

    it('lets the slowest consumer hold the cursor back', async () => {
      server.script(stream('id: 1\ndata: a\n\nid: 2\ndata: b\n\n'));
      const subscription = subscribe();
      const slow = subscription[Symbol.asyncIterator]();
      const slowFirst = slow.next();
      expect(data(await take(subscription, 2))).toEqual(['a', 'b']);
      await slowFirst;
      expect(subscription.lastEventId).toBe('');
      await slow.next();
      expect(subscription.lastEventId).toBe('1');
      await slow.return?.();
      expect(subscription.lastEventId).toBe('2');
    });

    it('lets nobody else carry the cursor past a message whose handler failed, until it was given again', async () => {
      server.script(stream('id: 1\ndata: a\n\nid: 2\ndata: b\n\nid: 3\ndata: c\n\n'), stream('id: 2\ndata: b\n\n'));
      const subscription = subscribe();
      const others = take(subscription, 3);
      const failing = subscription.process(async ({ data }) => {
        if (data === 'b') throw new Error('no b today');
      });
      await expect(failing).rejects.toThrow('no b today');
      expect(data(await others)).toEqual(['a', 'b', 'c']);
      expect(subscription.lastEventId).toBe('1');
      await take(subscription, 1);
      expect(server.requests[1]?.headers['last-event-id']).toBe('1');
      expect(subscription.lastEventId).toBe('2');
    });

    it('lets nobody carry the cursor past what had arrived for a consumer that left, and was given to nobody', async () => {
      server.script(streamAndEnd(numbered(1, 2, 3)), streamAndEnd(numbered(4)), answer(204));
      const subscription = subscribe();
      const behind = subscription[Symbol.asyncIterator]();
      await behind.next();
      const later = take(subscription, 1);
      await behind.return?.();
      // 2 and 3 had arrived, and nobody got them: the cursor may not say that they are finished.
      expect(subscription.lastEventId).toBe('1');
      await later;
    });
  });

  describe('iterators', () => {
    it('serve several next() at once, in order', async () => {
      server.script(stream('data: a\n\ndata: b\n\n'));
      const iterator = subscribe()[Symbol.asyncIterator]();
      const results = await Promise.all([iterator.next(), iterator.next()]);
      expect(results.map(({ value }) => value?.data)).toEqual(['a', 'b']);
    });

    it('end a pending next() on return(), and stay ended', async () => {
      server.script(stream());
      const iterator = subscribe()[Symbol.asyncIterator]();
      const pending = iterator.next();
      await iterator.return?.();
      expect((await pending).done).toBe(true);
      expect((await iterator.next()).done).toBe(true);
      await iterator.return?.();
    });

    it('that were returned before their first next() never connect', async () => {
      const subscription = subscribe();
      const iterator = subscription[Symbol.asyncIterator]();
      await iterator.return?.();
      expect((await iterator.next()).done).toBe(true);
      expect(subscription.state).toBe('idle');
    });
  });

  it('keeps comments and pings from consumers, and gives them to onComment', async () => {
    server.script(stream(': ping\n\n: two\ndata: a\n\n'));
    const comments: string[] = [];
    const subscription = receiver.subscribe(server.url, { onComment: (comment) => comments.push(comment) });
    expect(data(await take(subscription, 1))).toEqual(['a']);
    expect(comments).toEqual(['ping', 'two']);
  });

  it('gives messages whose JSON can be read', async () => {
    server.script(stream('event: order\nid: 7\ndata: {"id":\ndata: 7}\n\n'));
    const [message] = await take(subscribe(), 1);
    expect(message).toMatchObject({ event: 'order', id: '7', lastEventId: '7' });
    expect(message?.json()).toEqual({ id: 7 });
  });
});
