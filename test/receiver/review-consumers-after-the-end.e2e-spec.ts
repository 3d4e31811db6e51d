import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, take, takeAll } from './support/consumers.js';
import { answer, ScriptedServer, streamAndEnd } from './support/scripted-server.js';

const letters = (...ids: number[]) => ids.map((id) => `id: ${id}\ndata: ${id}\n\n`).join('');

describe('review: what had arrived for a consumer that left', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start(streamAndEnd(letters(1, 2, 3)), answer(204));
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

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

  it('does not pass with its cursor what had arrived for a consumer that left, and was given to nobody', async () => {
    server.script(streamAndEnd(letters(1, 2, 3)), streamAndEnd(letters(4)), answer(204));
    const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
    const behind = subscription[Symbol.asyncIterator]();
    await behind.next();
    const later = take(subscription, 1);
    await behind.return?.();
    // 2 and 3 had arrived, and nobody got them: the cursor may not say that they are finished.
    expect(subscription.lastEventId).toBe('1');
    await later;
  });
});
