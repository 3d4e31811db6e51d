import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseCursorError, type SseCursorStore, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, entered, failureOf, takeAll, turns } from './support/consumers.js';
import { ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

describe('reconnecting', () => {
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

  it('begins a new row after a connection that has lasted for its lifetime, though no message came', async () => {
    server.script(stream());
    const attempts: number[] = [];
    const nextDelayMs = ({ attempt }: { attempt: number }) => {
      attempts.push(attempt);
      return 0;
    };
    const subscription = receiver.subscribe(server.url, { maxLifetimeMs: 5, retry: { nextDelayMs } });
    const ended = takeAll(subscription);
    await server.response(4);
    await subscription.close();
    await ended;
    expect(attempts.slice(0, 3)).toEqual([1, 1, 1]);
  });

  it('waits as long as a timer can where a policy asks for longer, not for a moment', async () => {
    server.script(streamAndEnd());
    const subscription = receiver.subscribe(server.url, { retry: { nextDelayMs: () => 2 ** 40 } });
    const ended = takeAll(subscription);
    expect((await entered(subscription, 'waiting')).delayMs).toBe(2 ** 31 - 1);
    await subscription.close();
    await ended;
    expect(server.requests).toHaveLength(1);
  });

  it('is not what a cursor that cannot be read leads to', async () => {
    const error = new SseCursorError('unreadable', 'letters', 'It is damaged');
    const cursorStore: SseCursorStore = { load: () => Promise.reject(error), save: async () => {} };
    let asked = 0;
    const retry = { nextDelayMs: () => (asked++ === 0 ? 0 : undefined) };
    const subscription = receiver.subscribe(server.url, { name: 'letters', cursorStore, retry });
    expect(await failureOf(takeAll(subscription))).toBe(error);
    expect(asked).toBe(0);
    expect(server.requests).toHaveLength(0);
  });

  it('happens once for each loss, though consumers are behind again and again', async () => {
    const many = 1_500;
    const messages = 'data: x\n\n'.repeat(many);
    server.script(streamAndEnd(messages), stream(messages));
    const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    await entered(subscription, 'waiting');
    // The wait is over; only the consumer is waited for.
    await turns(200);
    for (let taken = 1; taken < 2 * many; taken++) await iterator.next();
    await turns(50);
    expect(server.requests).toHaveLength(2);
    await subscription.close();
  });
});
