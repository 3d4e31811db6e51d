import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { count, lastValueFrom, takeWhile } from 'rxjs';
import { type SseReceiverOptions, SseReceiverService, type SseSubscription } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { head, type RawAct, RawServer, repeat, say, sayAndEnd, sayAndReset } from './support/raw-server.js';

const MEBIBYTE = 1024 * 1024;
/** Megabytes take their time on a machine that has other things to do. */
const PATIENT_MS = 30_000;
const CHUNKED = head('transfer-encoding: chunked');
const GOOD = say(head(), 'data: good\n\n');
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** What a server may do to a client. Rejections that nobody handles, or errors thrown in sockets, would fail each test. */
describe('a hostile server', () => {
  let server: RawServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await RawServer.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    jest.useRealTimers();
    await receiver.onModuleDestroy();
    await server.deserted();
    await server.close();
  });

  const subscribe = (options: SseReceiverOptions = {}) =>
    receiver.subscribe(server.url, { retry: AT_ONCE, ...options });

  /** How a subscription has ended that could not go on. */
  async function ending(subscription: SseSubscription) {
    const [{ outcome }, failure] = await Promise.all([
      entered(subscription, 'closed'),
      failureOf(takeAll(subscription)),
    ]);
    await server.deserted();
    return { outcome, failure };
  }

  describe('is asked again, and costs no other event, when it', () => {
    const cases: readonly (readonly [what: string, act: RawAct, kind: string, before: readonly string[]])[] = [
      [
        'resets in the middle of a character',
        sayAndReset(head(), 'data: a\n\ndata: ', Uint8Array.of(0xc3)),
        'network',
        ['a'],
      ],
      ['ends within a line', sayAndEnd(head(), 'data: a\n\ndata: x'), 'end', ['a']],
      ['ends between CR and LF', sayAndEnd(head(), 'data: a\n\ndata: x\r'), 'end', ['a']],
      ['sends more than the length it gave', say(head('content-length: 9'), 'data: a\n\ndata: x\n\n'), 'end', ['a']],
      ['sends less, and resets', sayAndReset(head('content-length: 99'), 'data: a\n\n'), 'network', ['a']],
      ['gives a length that is no number', say(head('content-length: many'), 'data: x\n\n'), 'network', []],
      ['gives a negative length', say(head('content-length: -1'), 'data: x\n\n'), 'network', []],
      [
        'gives a length beyond all bounds',
        say(head(`content-length: ${'9'.repeat(30)}`), 'data: x\n\n'),
        'network',
        [],
      ],
      ['gives two lengths', say(head('content-length: 9', 'content-length: 10'), 'data: x\n\n'), 'network', []],
      [
        'gives a length, and chunks',
        say(head('content-length: 9', 'transfer-encoding: chunked'), chunk('data: x\n\n')),
        'network',
        [],
      ],
      ['ends between two chunks', sayAndEnd(CHUNKED, chunk('data: a\n\n')), 'network', ['a']],
      ['ends within a chunk', sayAndEnd(CHUNKED, chunk('data: a\n\n'), 'ff\r\ndata: x\n'), 'network', ['a']],
      ['writes more than the chunk holds', say(CHUNKED, chunk('data: a\n\n'), '1\r\nxxxxxxxx'), 'network', ['a']],
      [
        'gives a chunk beyond all bounds',
        say(CHUNKED, chunk('data: a\n\n'), `${'f'.repeat(40)}\r\n`),
        'network',
        ['a'],
      ],
      ['ends a chunk with junk', say(CHUNKED, chunk('data: a\n\n'), '0\r\njunk'.repeat(3)), 'network', ['a']],
      ['has a head of a megabyte, in one line', say(head(`x: ${'y'.repeat(MEBIBYTE)}`)), 'network', []],
      ['has a head of a megabyte, in many lines', say(head(...Array(100_000).fill('x: 12345'))), 'network', []],
      ['sends junk without an end', repeat('', '\0\x01\n', 4 * MEBIBYTE), 'network', []],
      ['has NULs in its head', say(head('x: \0'), 'data: x\n\n'), 'network', []],
      ['breaks a header line', say('HTTP/1.1 200 OK\r\ncontent-type text/event-stream\r\n\r\n'), 'network', []],
      [
        'changes the protocol unasked',
        say('HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
        'network',
        [],
      ],
      ['resets at once', sayAndReset(), 'network', []],
      ['resets within 1xx responses', sayAndReset('HTTP/1.1 102 Processing\r\n\r\n'), 'network', []],
    ];

    it.each(cases)('%s', async (_what, act, kind, before) => {
      server.script(act, GOOD);
      const subscription = subscribe();
      const lost = entered(subscription, 'waiting');
      const messages = take(subscription, before.length + 1);
      expect((await lost).outcome).toMatchObject({ kind, willRetry: true, attempt: 1 });
      expect(data(await messages)).toEqual([...before, 'good']);
      expect(server.heads).toHaveLength(2);
      await server.deserted();
    });
  });

  describe('is no trouble when it', () => {
    const informational = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n';
    const cases: readonly (readonly [what: string, act: RawAct])[] = [
      ['answers in HTTP/1.0, and leaves its connection open', say(head().replace('1.1', '1.0'), 'data: good\n\n')],
      ['says a hundred times that it is at it', say(informational.repeat(100), head(), 'data: good\n\n')],
      ['has chunks with extensions', say(CHUNKED, '0c;x="y";z\r\ndata: good\n\n\r\n')],
      ['sends a million comments', say(head(), ':\n'.repeat(1_000_000), 'data: good\n\n')],
      ['sends a million blank lines', say(head(), '\n'.repeat(1_000_000), 'data: good\n\n')],
      ['sends a million events without data', say(head(), 'event: x\n\n'.repeat(1_000_000), 'data: good\n\n')],
      ['sends a million ids without data', say(head(), 'id: 1\n\n'.repeat(1_000_000), 'data: good\n\n')],
      ['sends a million times when to come back', say(head(), 'retry: 1\n'.repeat(1_000_000), 'data: good\n\n')],
      ['sends a million fields that are none', say(head(), 'x\0\n'.repeat(1_000_000), 'data: good\n\n')],
    ];

    it.each(cases)(
      '%s',
      async (_what, act) => {
        server.script(act);
        expect(data(await take(subscribe(), 1))).toEqual(['good']);
        expect(server.heads).toHaveLength(1);
      },
      PATIENT_MS,
    );

    it(
      'sends a million events with empty data',
      async () => {
        server.script(say(head(), 'data\n\n'.repeat(1_000_000), 'data: good\n\n'));
        const empty = subscribe().messages$.pipe(takeWhile(({ data }) => data === ''));
        expect(await lastValueFrom(empty.pipe(count()))).toBe(1_000_000);
      },
      PATIENT_MS,
    );

    it(
      'tells a million comments to somebody who listens',
      async () => {
        server.script(say(head(), ': x\n'.repeat(1_000_000), 'data: good\n\n'));
        let told = 0;
        const onComment = () => {
          told += 1;
        };
        expect(data(await take(subscribe({ onComment }), 1))).toEqual(['good']);
        expect(told).toBe(1_000_000);
      },
      PATIENT_MS,
    );
  });

  describe('is left for good when it', () => {
    it.each(['data: ', ':', 'event: ', 'id: ', 'retry: ', 'x', ' '])(
      'sends 100 MB in one line that begins with %p, of which it is taken no more than the bound',
      async (beginning) => {
        let socket: Parameters<RawAct>[0] | undefined;
        const flood = repeat(`${head()}data: a\n\n${beginning}`, '7', 100 * MEBIBYTE);
        server.script((accepted) => {
          socket = accepted;
          flood(accepted);
        });
        const { outcome, failure } = await ending(subscribe());
        expect(outcome).toMatchObject({ kind: 'decode', willRetry: false, error: failure });
        expect(failure).toMatchObject({ code: 'SSE_DECODE', reason: 'too-large' });
        // What is beyond the 16 MiB of the bound was under way in the buffers of the two sockets.
        expect(socket?.bytesWritten).toBeLessThan(32 * MEBIBYTE);
        expect(server.heads).toHaveLength(1);
      },
    );

    it('sends 100 MB in short lines of one event', async () => {
      server.script(repeat(head(), 'data: x\n', 100 * MEBIBYTE));
      const { outcome, failure } = await ending(subscribe());
      expect(outcome).toMatchObject({ kind: 'decode', willRetry: false, error: failure });
      expect(failure).toMatchObject({ code: 'SSE_DECODE', reason: 'too-large' });
      expect(server.heads).toHaveLength(1);
    });
  });

  describe('that says nothing more', () => {
    beforeEach(() => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    });

    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
    };

    it.each([
      ['before its answer', say('')],
      ['within its status line', say('HTTP/1.1 20')],
      ['within 4 MiB of a status line', repeat('HTTP/1.1 200 ', 'OK', 4 * MEBIBYTE)],
      ['within its head', say('HTTP/1.1 200 OK\r\ncontent-type: text/ev')],
      ['after a hundred 1xx responses', say('HTTP/1.1 102 Processing\r\n\r\n'.repeat(100))],
    ])('%s is left after firstByteTimeoutMs', async (_where, act) => {
      server.script(act, GOOD);
      const subscription = subscribe({ firstByteTimeoutMs: 1_000 });
      const messages = take(subscription, 1);
      while (server.heads.length === 0) await turns(1);
      await turns(20);
      jest.advanceTimersByTime(999);
      expect(subscription.state).toBe('connecting');
      jest.advanceTimersByTime(1);
      const { outcome } = await entered(subscription, 'waiting');
      expect(outcome).toMatchObject({ kind: 'timeout', willRetry: true });
      jest.advanceTimersByTime(0);
      expect(data(await messages)).toEqual(['good']);
    });

    it.each([
      ['after its head', head()],
      ['after its head, with a length', head('content-length: 99')],
      ['after its head, in chunks', CHUNKED],
      ['within a chunk', `${CHUNKED}ff\r\n`],
      ['within an event', `${head()}data: x\n`],
    ])('%s is left after idleTimeoutMs', async (_where, text) => {
      server.script(say(text), GOOD);
      const subscription = subscribe({ idleTimeoutMs: 1_000 });
      const messages = take(subscription, 1);
      await entered(subscription, 'open');
      await turns(20);
      jest.advanceTimersByTime(1_000);
      const { outcome } = await entered(subscription, 'waiting');
      expect(outcome).toMatchObject({ kind: 'timeout', willRetry: true });
      jest.advanceTimersByTime(0);
      expect(data(await messages)).toEqual(['good']);
    });
  });
});
