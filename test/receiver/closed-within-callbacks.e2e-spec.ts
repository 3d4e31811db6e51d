import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import {
  MemoryCursorStore,
  type SseReceiverOptions,
  SseReceiverService,
  type SseSubscription,
} from '../../lib/receiver/index.js';
import { AT_ONCE, takeAll, turns } from './support/consumers.js';
import { answer, numbered, ScriptedServer, streamAndEnd } from './support/scripted-server.js';

describe('a subscription that is closed from within what it calls', () => {
  let server: ScriptedServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await ScriptedServer.start();
    receiver = new SseReceiverService();
    jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.onModuleDestroy();
    await server.close();
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
    'in %s: it is over, and leaves nothing behind',
    async (place, optionsOf, watch) => {
      server.script(
        answer(302, { location: '/there' }, 'a body'),
        streamAndEnd(':c\n\n', `data: ${'x'.repeat(3_000)}\n\n`, numbered(1)),
        streamAndEnd(numbered(2)),
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
      await turns(20);
      expect(server.requests).toHaveLength(length);
      expect(phases.filter((phase) => phase === 'closed')).toHaveLength(1);
      expect(phases.at(-1)).toBe('closed');
      expect(await takeAll(subscription)).toEqual([]);
    },
  );
});
