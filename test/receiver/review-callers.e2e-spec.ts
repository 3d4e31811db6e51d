import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Agent } from 'undici';
import {
  MemoryCursorStore,
  type SseReceiverOptions,
  SseReceiverService,
  type SseSubscription,
} from '../../lib/receiver/index.js';
import { AT_ONCE, take, takeAll } from './support/consumers.js';
import { answer, reset, ScriptedServer, stream, streamAndCut, streamAndEnd } from './support/scripted-server.js';

const letters = (...ids: number[]) => ids.map((id) => `id: ${id}\ndata: ${id}\n\n`).join('');
const turns = async (count = 20) => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('review: closed from within what it calls', () => {
  let server: ScriptedServer;
  let other: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    other = await ScriptedServer.start(stream(letters(1)));
    receiver = new SseReceiverService();
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.onModuleDestroy();
    await server.close();
    await other.close();
  });

  type Close = () => void;
  const then = <T>(close: Close, value: T): T => {
    close();
    return value;
  };
  const places: [
    string,
    (close: Close) => SseReceiverOptions,
    ((subscription: SseSubscription, close: Close) => void)?,
  ][] = [
    ['url', () => ({})],
    ['headers', (close) => ({ headers: () => then(close, {}) })],
    ['headers, later', (close) => ({ headers: async () => then(close, await turns(1).then(() => ({}))) })],
    ['allow', (close) => ({ allow: () => then(close, true) })],
    [
      'allow of the redirect',
      (close) => ({ allow: ({ pathname }) => then(pathname === '/there' ? close : () => {}, true) }),
    ],
    ['the policy', (close) => ({ retry: { nextDelayMs: () => then(close, 0) } })],
    ['onComment', (close) => ({ onComment: close })],
    ['onSkip', (close) => ({ oversize: 'skip', maxMessageBytes: 1_024, onSkip: close })],
    ['load', (close) => ({ name: 'n', cursorStore: storeWith({ load: close }) })],
    ['save', (close) => ({ name: 'n', cursorStore: storeWith({ save: close }) })],
    ...(['connecting', 'open', 'waiting', 'idle', 'closed'] as const).map(
      (phase) =>
        [
          `state$ (${phase})`,
          () => ({}),
          (subscription: SseSubscription, close: Close) =>
            void subscription.state$.subscribe((state) => state.phase === phase && close()),
        ] as [string, () => SseReceiverOptions, (subscription: SseSubscription, close: Close) => void],
    ),
  ];

  function storeWith({ load = () => {}, save = () => {} }: { load?: () => void; save?: () => void }) {
    const store = new MemoryCursorStore();
    return {
      load: async (source: string) => store.load(then(load, source)),
      save: (source: string, id: string, fence: number) => store.save(then(save, source), id, fence),
    };
  }

  it.each(places.map(([place, optionsOf, watch = () => {}]) => [place, optionsOf, watch] as const))(
    'by %s: it is over, and leaves nothing behind',
    async (place, optionsOf, watch) => {
      server.script(
        answer(302, { location: '/there' }, 'a body'),
        streamAndEnd(':c\n\n', `data: ${'x'.repeat(3_000)}\n\n`, letters(1)),
        streamAndEnd(letters(2)),
        answer(204),
      );
      let closing: Promise<void> | undefined;
      const close = () => {
        closing ??= subscription.close();
      };
      const url = place === 'url' ? () => then(close, server.url) : server.url;
      const subscription = receiver.subscribe(url, { retry: AT_ONCE, ...optionsOf(close) });
      watch(subscription, close);
      const phases: string[] = [];
      subscription.state$.subscribe(({ phase }) => phases.push(phase));
      await takeAll(subscription);
      if (!closing) close();
      await closing;
      expect(subscription.state).toBe('closed');
      await server.deserted();
      const { length } = server.requests;
      await turns();
      expect(server.requests).toHaveLength(length);
      expect(phases.filter((phase) => phase === 'closed')).toHaveLength(1);
      expect(phases.at(-1)).toBe('closed');
      expect(await takeAll(subscription)).toEqual([]);
    },
  );

  it('sends nothing of the caller to another origin, whatever it came by', async () => {
    server.script(answer(307, { location: other.url.replace('//', '//evil:pass@') }));
    const url = server.url.replace('//', '//user:pass@');
    await take(
      receiver.subscribe(() => url, {
        headers: () => ({ cookie: 'a=b', 'x-api-key': 'k', accept: 'text/event-stream, x/y', 'user-agent': 'me' }),
        lastEventId: '7',
      }),
      1,
    );
    expect(server.requests[0]?.headers).toMatchObject({ authorization: expect.any(String), cookie: 'a=b' });
    expect(Object.keys(other.requests[0]?.headers ?? {}).sort()).toEqual([
      'accept',
      'accept-encoding',
      'cache-control',
      'connection',
      'host',
      'last-event-id',
    ]);
  });

  it('brings nothing of the caller back when the other origin redirects to the first one', async () => {
    server.script(answer(307, { location: other.url }), stream(letters(1)));
    other.script(answer(307, { location: `${server.origin}/inside` }));
    await take(receiver.subscribe(server.url, { headers: { authorization: 'secret' } }), 1);
    expect(server.requests[1]).toMatchObject({ url: '/inside' });
    expect(server.requests[1]?.headers.authorization).toBeUndefined();
  });
});

describe("review: a caller's own dispatcher", () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;
  let dispatcher: Agent;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
    dispatcher = new Agent({ connections: 1 });
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await dispatcher.destroy();
    await server.close();
  });

  it('is left without a connection of ours after close(), whatever went before', async () => {
    server.script(
      reset,
      answer(503, {}, 'busy'),
      answer(307, { location: '/there' }, 'there'),
      streamAndCut(letters(1)),
      streamAndEnd(letters(2)),
      stream(letters(3)),
    );
    const subscription = receiver.subscribe(server.url, { dispatcher, retry: AT_ONCE });
    expect((await take(subscription, 3)).map(({ data }) => data)).toEqual(['1', '2', '3']);
    await subscription.close();
    await server.deserted();
  });

  it('is not asked by a request that was given up while it was queued', async () => {
    server.script(stream(letters(1)));
    const first = receiver.subscribe(server.url, { dispatcher });
    await first[Symbol.asyncIterator]().next();
    const second = receiver.subscribe(server.url, { dispatcher });
    const ended = takeAll(second);
    await turns();
    await second.close();
    expect(await ended).toEqual([]);
    await first.close();
    await server.deserted();
    await turns();
    expect(server.requests).toHaveLength(1);
  });
});
