import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  firstValueFrom,
  lastValueFrom,
  NEVER,
  Observable,
  of,
  Subject,
  take as takeOf,
  throwError,
  toArray,
} from 'rxjs';
import type { ReceivedMessage } from '../../lib/protocol/index.js';
import { MemoryCursorStore, type SseConcatMapOptions, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, entered } from './support/consumers.js';
import { answer, ScriptedServer, stream, streamAndEnd } from './support/scripted-server.js';

describe('concatMap()', () => {
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

  const frames = (count: number, size = 1) =>
    Array.from({ length: count }, (_, n) => `id: ${n + 1}\ndata: ${n + 1}${' '.repeat(size - 1)}\n\n`);
  const subscribe = (options = {}) => receiver.subscribe(server.url, { retry: AT_ONCE, ...options });

  it.each(['pause', 'drop-oldest', 'fail'] as const)('%s: projects one after the other, in order', async (overflow) => {
    server.script(streamAndEnd(...frames(3)), answer(204));
    let running = 0;
    const projected = subscribe().concatMap(
      ({ data }) =>
        new Observable<string>((subscriber) => {
          expect(++running).toBe(1);
          setImmediate(() => {
            running -= 1;
            subscriber.next(`${data}a`);
            subscriber.next(`${data}b`);
            subscriber.complete();
          });
        }),
      { overflow },
    );
    expect(await lastValueFrom(projected.pipe(toArray()))).toEqual(['1a', '1b', '2a', '2b', '3a', '3b']);
  });

  it('takes promises and iterables, and any number of them that are there at once', async () => {
    server.script(streamAndEnd(...frames(20_000)), answer(204));
    const subscription = subscribe();
    const dropped: unknown[] = [];
    const options: SseConcatMapOptions = { overflow: 'drop-oldest', maxBuffered: 1, onDrop: (m) => dropped.push(m) };
    const projected = subscription.concatMap(({ data }) => [data, data], options);
    expect(await lastValueFrom(projected.pipe(toArray()))).toHaveLength(40_000);
    expect(dropped).toEqual([]);
    server.script(stream(...frames(1)));
    expect(await firstValueFrom(subscribe().concatMap(async ({ data }) => data))).toBe('1');
  });

  it('pause: holds the server up, and has finished a message when its inner Observable has completed', async () => {
    const chunk = frames(1, 60_000)[0] as string;
    let written = 0;
    server.script((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const write = () => {
        while (written < 2_000 && response.write(chunk)) written += 1;
      };
      response.on('drain', write);
      write();
    });
    const subscription = subscribe();
    const gates: Subject<void>[] = [];
    const begun = new Subject<void>();
    const consumer = subscription
      .concatMap(() => {
        const gate = new Subject<void>();
        gates.push(gate);
        begun.next();
        return gate;
      })
      .subscribe();
    await firstValueFrom(begun);
    for (let before = -1; before !== written; ) {
      before = written;
      for (let turn = 0; turn < 300; turn++) await new Promise(setImmediate);
    }
    expect(written).toBeLessThan(1_000);
    expect(gates).toHaveLength(1);
    expect(subscription.lastEventId).toBe('');
    const second = firstValueFrom(begun);
    gates[0]?.complete();
    await second;
    expect(subscription.lastEventId).toBe('1');
    consumer.unsubscribe();
    expect(subscription.state).toBe('idle');
    await server.deserted();
  });

  it('drop-oldest: keeps the newest, and tells what it dropped', async () => {
    server.script(stream(...frames(6)));
    const dropped: string[] = [];
    const gate = new Subject<string>();
    const options = {
      overflow: 'drop-oldest',
      maxBuffered: 2,
      onDrop: ({ data }: ReceivedMessage) => dropped.push(data),
    };
    const subscription = subscribe();
    const all = lastValueFrom(
      subscription
        .concatMap(({ data }) => (data === '1' ? gate : of(data)), options as SseConcatMapOptions)
        .pipe(takeOf(3), toArray()),
    );
    const sixth = firstValueFrom(subscription.messages$.pipe(takeOf(6), toArray()));
    await sixth;
    gate.next('1');
    gate.complete();
    expect(await all).toEqual(['1', '5', '6']);
    expect(dropped).toEqual(['2', '3', '4']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no metrics');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no metrics'))],
  ])('drop-oldest: ends with what onDrop %s, and with nobody else', async (_how, onDrop) => {
    server.script(stream(...frames(4)));
    const subscription = subscribe();
    const options = { overflow: 'drop-oldest', maxBuffered: 1, onDrop } as SseConcatMapOptions;
    const failing = lastValueFrom(subscription.concatMap(() => NEVER, options));
    const others = lastValueFrom(subscription.messages$.pipe(takeOf(4), toArray()));
    await expect(failing).rejects.toThrow('no metrics');
    expect(await others).toHaveLength(4);
  });

  it.each(['messages$', 'drop-oldest'])(
    'gets what others have left behind when it comes after the end: %s',
    async (how) => {
      server.script(streamAndEnd(...frames(3)), answer(204));
      const subscription = subscribe();
      for await (const _ of subscription) {
        await entered(subscription, 'closed');
        break;
      }
      const rest$ =
        how === 'messages$'
          ? subscription.messages$
          : subscription.concatMap((m) => of(m), { overflow: 'drop-oldest' });
      const rest = await lastValueFrom(rest$.pipe(toArray()));
      expect(rest.map(({ data }) => data)).toEqual(['2', '3']);
      expect(subscription.lastEventId).toBe('3');
      expect(await lastValueFrom(subscription.messages$.pipe(toArray()))).toEqual([]);
    },
  );

  it('fail: errors when too many wait, and leaves', async () => {
    server.script(stream(...frames(4)));
    const subscription = subscribe();
    const failed = lastValueFrom(subscription.concatMap(() => NEVER, { overflow: 'fail', maxBuffered: 2 }));
    await expect(failed).rejects.toMatchObject({ code: 'SSE_BACKLOG', maxBuffered: 2 });
    expect(subscription.state).toBe('idle');
  });

  it.each(['pause', 'drop-oldest'] as const)('%s: ends with what an inner Observable fails with', async (overflow) => {
    server.script(stream(...frames(2)));
    const failing = subscribe().concatMap(() => throwError(() => new Error('no')), { overflow });
    await expect(lastValueFrom(failing)).rejects.toThrow('no');
    const throwing = subscribe().concatMap(
      () => {
        throw new Error('not even begun');
      },
      { overflow },
    );
    await expect(lastValueFrom(throwing)).rejects.toThrow('not even begun');
  });

  it.each(['pause', 'drop-oldest'] as const)('%s: ends with the failure of the subscription', async (overflow) => {
    server.script(answer(404));
    await expect(lastValueFrom(subscribe().concatMap(() => of(1), { overflow }))).rejects.toMatchObject({
      status: 404,
    });
  });

  it('gives the projection a signal that close() aborts', async () => {
    server.script(stream(...frames(1)));
    const subscription = subscribe();
    const aborted = new Promise((resolve) => {
      subscription
        .concatMap((_message, { signal }) => {
          signal.addEventListener('abort', resolve);
          return NEVER;
        })
        .subscribe();
    });
    await entered(subscription, 'open');
    await firstValueFrom(subscription.messages$.pipe(takeOf(1)), { defaultValue: undefined }).catch(() => {});
    await subscription.close();
    await aborted;
  });

  it('saves the cursor of what is finished, but only where it pauses', async () => {
    server.script(streamAndEnd(...frames(3)), answer(204));
    const cursorStore = new MemoryCursorStore();
    const subscription = subscribe({ name: 'numbers', cursorStore });
    expect(await lastValueFrom(subscription.concatMap(async ({ data }) => data).pipe(toArray()))).toHaveLength(3);
    expect(await cursorStore.load('numbers')).toMatchObject({ lastEventId: '3' });
    for (const overflow of ['drop-oldest', 'fail'] as const) {
      expect(() => subscription.concatMap(() => NEVER, { overflow })).toThrow(
        /'cursorStore' cannot be used with overflow/,
      );
    }
    expect(() => subscription.messages$).toThrow(/'cursorStore' cannot be used with messages\$/);
  });

  it('checks its options', () => {
    const wrong = { overflow: 'block', maxBuffered: 0, onDrop: 1, buffer: 5 } as never;
    expect(() => subscribe().concatMap(() => NEVER, wrong)).toThrow(/overflow.*maxBuffered.*onDrop.*buffer/s);
  });
});
