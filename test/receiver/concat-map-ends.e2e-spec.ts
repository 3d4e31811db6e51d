import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EMPTY, firstValueFrom, lastValueFrom, of, Subject, take, toArray } from 'rxjs';
import { MemoryCursorStore, type SseCursorStore, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, entered } from './support/consumers.js';
import { answer, numbered, ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

describe('concatMap() of a subscription', () => {
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

  it('completes only when the cursor is saved', async () => {
    server.script(streamAndEnd(numbered(1)), answer(204));
    const store = new MemoryCursorStore();
    let saved = false;
    const slow: SseCursorStore = {
      load: (source) => store.load(source),
      save: async (...args) => {
        for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
        await store.save(...args);
        saved = true;
      },
    };
    const subscription = receiver.subscribe(server.url, { name: 'numbers', cursorStore: slow, retry: AT_ONCE });
    await lastValueFrom(
      subscription.concatMap(() => EMPTY),
      { defaultValue: undefined },
    );
    expect(saved).toBe(true);
  });

  describe('that drops what is too much', () => {
    /** Follows a stream, the inner Observable of whose first message runs until the test ends it. */
    const follow = (limit = Number.POSITIVE_INFINITY) => {
      const subscription = receiver.subscribe(server.url, { retry: AT_ONCE });
      const first = new Subject<string>();
      const projected: string[] = [];
      const values = firstValueFrom(
        subscription
          .concatMap(
            ({ data }) => {
              projected.push(data);
              return data === '1' ? first : of(data);
            },
            { overflow: 'drop-oldest' },
          )
          .pipe(take(limit), toArray()),
      );
      return { subscription, first, projected, values };
    };

    it('completes after what waits, when the end comes while an inner Observable runs', async () => {
      server.script(streamAndEnd(numbered(1, 2, 3)), answer(204));
      const { subscription, first, values } = follow();
      await entered(subscription, 'closed');
      first.complete();
      expect(await values).toEqual(['2', '3']);
    });

    it('begins nothing that waits when it is closed while an inner Observable runs', async () => {
      server.script(stream(numbered(1, 2, 3)));
      const { subscription, first, projected, values } = follow();
      // It has got all three when an iterator that came at the same time has.
      for await (const { data } of subscription) if (data === '3') break;
      await subscription.close();
      first.complete();
      expect(await values).toEqual([]);
      expect(projected).toEqual(['1']);
    });

    it('begins nothing that waits when whoever subscribed leaves in the middle', async () => {
      server.script(streamAndEnd(numbered(1, 2, 3, 4)), answer(204));
      const { subscription, first, projected, values } = follow(1);
      await entered(subscription, 'closed');
      first.complete();
      expect(await values).toEqual(['2']);
      expect(projected).toEqual(['1', '2']);
    });
  });
});
