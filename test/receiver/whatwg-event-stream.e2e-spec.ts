import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ReceivedMessage } from '../../lib/protocol/index.js';
import { type RetryPolicy, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, take, takeAll } from './support/consumers.js';
import { pieces } from './support/pieces.js';
import { answer, ScriptedServer, stream } from './support/scripted-server.js';

interface Expected {
  /** Default: one message with the data `a`. */
  readonly messages?: readonly Partial<ReceivedMessage>[];
  /** The `Last-Event-ID` of the next request. Default: none. */
  readonly cursor?: string;
  /** The reconnection time that the stream has set, in milliseconds. Default: none. */
  readonly retryMs?: number;
}

/** A rule of the section, a stream, and what it comes to. */
type Case = readonly [rule: string, stream: string | Uint8Array, expected?: Expected];

const ONE_A = [{ data: 'a' }];
const BOM = '\uFEFF';
const YHOO = 'data: YHOO\ndata: +2\ndata: 10\n\n';
const FOUR_BLOCKS = ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n';
const bytes = (...values: number[]) => Buffer.from([...Buffer.from('data: '), ...values, ...Buffer.from('\n\n')]);

const PARSING: readonly Case[] = [
  ['LF ends a line', 'data: a\n\n'],
  ['CR ends a line', 'data: a\r\r'],
  ['CR LF ends one line, not two', 'data: a\r\ndata: b\r\n\r\n', { messages: [{ data: 'a\nb' }] }],
  ['line ends may be mixed', 'data: a\rdata: b\ndata: c\r\n\r', { messages: [{ data: 'a\nb\nc' }] }],
  ['LF CR are two line ends', 'data: a\n\rdata: b\n\n', { messages: [{ data: 'a' }, { data: 'b' }] }],
  [
    'other characters that look like line ends are none',
    'data: \v\f\u0085\u2028\u2029\n\n',
    { messages: [{ data: '\v\f\u0085\u2028\u2029' }] },
  ],
  ['a byte order mark at the beginning is skipped', `${BOM}data: a\n\n`],
  ['only one of them', `${BOM}${BOM}data: x\n\ndata: a\n\n`],
  ['only at the beginning', `data: a\n\n${BOM}data: x\n\n`],
  ['within data it is data', `data: ${BOM}a\n\n`, { messages: [{ data: `${BOM}a` }] }],
  ['it may stand alone', `${BOM}\ndata: a\n\n`],
  ['an empty stream is one', '', { messages: [] }],
  ['a stream of blank lines is one', '\n\r\r\n\n', { messages: [] }],
  ['bytes are decoded as UTF-8', 'data: ä ✓ 🚀\n\n', { messages: [{ data: 'ä ✓ 🚀' }] }],
  ['a byte that is no UTF-8 becomes U+FFFD', bytes(0xff, 0x61), { messages: [{ data: '\uFFFDa' }] }],
  ['a sequence that is cut off becomes one', bytes(0xf0, 0x9f, 0x9a, 0x61), { messages: [{ data: '\uFFFDa' }] }],
  [
    'surrogates in UTF-8 become one for each byte',
    bytes(0xed, 0xa0, 0x80),
    { messages: [{ data: '\uFFFD'.repeat(3) }] },
  ],
  ['too long an encoding becomes one for each byte', bytes(0xc0, 0x8a), { messages: [{ data: '\uFFFD\uFFFD' }] }],
  ['names of any characters are allowed', 'x-ü 🚀: y\ndata: a\n\n'],
];

const INTERPRETING: readonly Case[] = [
  ['a line that begins with a colon is ignored', ':data: x\n:\n: id: 7\ndata: a\n\n'],
  ['one space after the colon is removed', 'data: a\n\n'],
  ['no more than one', 'data:  a\n\n', { messages: [{ data: ' a' }] }],
  ['no other white space', 'data:\ta\n\ndata:\u00a0a\n\n', { messages: [{ data: '\ta' }, { data: '\u00a0a' }] }],
  ['none is needed', 'data:a\n\n'],
  ['white space at the end stays', 'data: a \n\n', { messages: [{ data: 'a ' }] }],
  ['only the first colon separates', 'data: a: b:c\n\n', { messages: [{ data: 'a: b:c' }] }],
  ['a line without a colon is a name, with an empty value', 'data\n\n', { messages: [{ data: '' }] }],
  [
    'names are compared as they are: case',
    'Data: x\nDATA: x\nEvent: x\nID: 7\nRetry: 5\ndata: a\n\n',
    { messages: [{ data: 'a', event: 'message' }] },
  ],
  ['names are compared as they are: spaces', ' data: x\ndata : x\nid : 7\ndata: a\n\n'],
  ['other fields are ignored', 'foo: x\ndatax: x\ndat: x\nx\ndata: a\n\n'],
  ['event names the event', 'event: add\ndata: a\n\n', { messages: [{ event: 'add', data: 'a' }] }],
  [
    'the name holds for its own event only',
    'event: add\ndata: a\n\ndata: b\n\n',
    { messages: [{ event: 'add' }, { event: 'message' }] },
  ],
  ['the last name counts', 'event: x\nevent: add\ndata: a\n\n', { messages: [{ event: 'add' }] }],
  ['an empty name is none', 'event: x\nevent:\ndata: a\n\n', { messages: [{ event: 'message' }] }],
  [
    'the order of fields does not matter',
    'data: a\nid: 1\nevent: add\n\n',
    { messages: [{ data: 'a', event: 'add', lastEventId: '1' }], cursor: '1' },
  ],
  ['several data lines are joined with LF', YHOO, { messages: [{ data: 'YHOO\n+2\n10' }] }],
  ['also with other fields between', 'data: a\nid: 1\n:x\ndata: b\n\n', { messages: [{ data: 'a\nb' }], cursor: '1' }],
  ['empty data lines count', 'data\n\ndata\ndata\n\ndata:', { messages: [{ data: '' }, { data: '\n' }] }],
  [
    'data: and data: with a space are the same',
    'data:test\n\ndata: test\n\n',
    { messages: [{ data: 'test' }, { data: 'test' }] },
  ],
  ['without data there is no event', 'event: x\n\ndata: a\n\n', { messages: [{ event: 'message', data: 'a' }] }],
  ['blank lines make no events', '\n\n\ndata: a\n\n\n\n'],
  ['NUL in data is data', 'data: a\0b\n\n', { messages: [{ data: 'a\0b' }] }],
  [
    "the section's example of four blocks",
    FOUR_BLOCKS,
    {
      messages: [
        { data: 'first event', lastEventId: '1' },
        { data: 'second event', lastEventId: '' },
        { data: ' third event', lastEventId: '' },
      ],
    },
  ],
  [
    'id sets the last event ID, which stays',
    'id: 1\ndata: a\n\ndata: b\n\n',
    {
      messages: [
        { lastEventId: '1', id: '1' },
        { lastEventId: '1', id: undefined },
      ],
      cursor: '1',
    },
  ],
  ['the last id of a block counts', 'id: 1\nid: 2\ndata: a\n\n', { messages: [{ lastEventId: '2' }], cursor: '2' }],
  [
    'an empty id resets it',
    'id: 1\ndata: a\n\nid\ndata: b\n\n',
    { messages: [{ lastEventId: '1' }, { lastEventId: '' }] },
  ],
  ['an id without data counts', 'id: 1\n\n', { messages: [], cursor: '1' }],
  [
    'an id with NUL is ignored',
    'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
    { messages: [{ lastEventId: '1' }, { lastEventId: '1' }], cursor: '1' },
  ],
  ['an id without its blank line does not count', 'id: 1\ndata: a\n\nid: 2\n', { cursor: '1' }],
  ['an event without its blank line is dropped', 'data: a\n\ndata: x\n'],
  ['a line without its end is dropped', 'data: a\n\ndata: x'],
  ['retry sets the reconnection time', 'retry: 2500\ndata: a\n\n', { retryMs: 2500 }],
  ['in base ten, zeros in front or not', 'retry: 0012\n', { messages: [], retryMs: 12 }],
  ['at once, whatever becomes of its block', 'data: a\n\nretry: 7\ndata: x', { retryMs: 7 }],
  ['the last one counts', 'retry: 7\nretry: 9\ndata: a\n\n', { retryMs: 9 }],
  ...['-1', '+1', '1.5', '1e3', '0x10', '5 ', ' 5', '', 'soon', '٣', '５', '1\0'].map(
    (value): Case => [
      `retry of other than ASCII digits is ignored: ${JSON.stringify(value)}`,
      `retry: ${value}\ndata: a\n\n`,
    ],
  ),
];

/** WHATWG HTML, sections 9.2.5 to 9.2.7, over a real connection: however the bytes are cut, they mean the same. */
describe('the event stream format of WHATWG HTML', () => {
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

  /** Without a third parameter in the test's function: Jest would fill it in where a row has none. */
  async function check([, streamed, { messages, cursor, retryMs } = {}]: Case, size: number) {
    let serverDelayMs: number | undefined;
    const retry: RetryPolicy = {
      nextDelayMs: (context) => {
        ({ serverDelayMs } = context);
        return 0;
      },
    };
    server.script(pieces(streamed, size), answer(204));
    const received = await takeAll(receiver.subscribe(server.url, { retry }));
    expect(received).toMatchObject(messages ?? ONE_A);
    expect({ cursor: server.requests[1]?.headers['last-event-id'], retryMs: serverDelayMs }).toEqual({
      cursor,
      retryMs,
    });
  }

  describe.each([
    ['in one piece', Number.POSITIVE_INFINITY],
    ['byte by byte', 1],
    ['in threes', 3],
  ])('%s', (_how, size) => {
    it.each(PARSING)('9.2.5 parsing: %s', (...row) => check(row, size));
    it.each(INTERPRETING)('9.2.6 interpreting: %s', (...row) => check(row, size));
  });

  describe('9.2.6 interpreting, over several connections:', () => {
    it('what was pending on one does not reach the next: data, name, byte order mark, CR', async () => {
      server.script(
        pieces('data: a\n\nevent: x\ndata: x\r'),
        pieces('\ndata: b\n\n\uFEFF'),
        pieces('\uFEFFdata: c\n\n'),
        answer(204),
      );
      const messages = await takeAll(receiver.subscribe(server.url, { retry: AT_ONCE }));
      expect(messages.map(({ event, data }) => `${event} ${data}`)).toEqual(['message a', 'message b', 'message c']);
    });

    it('the last event ID goes on from one to the next', async () => {
      server.script(pieces('id: 1\ndata: a\n\n'), pieces('data: b\n\n'), answer(204));
      const messages = await takeAll(receiver.subscribe(server.url, { retry: AT_ONCE }));
      expect(messages).toMatchObject([{ lastEventId: '1' }, { lastEventId: '1' }]);
    });
  });

  describe('9.2.7 authoring notes:', () => {
    it('comments keep a stream alive, and are no events', async () => {
      const comments: string[] = [];
      server.script(pieces(`${':\n'.repeat(3)}: keep alive\n\ndata: a\n\n`), answer(204));
      const onComment = (comment: string) => comments.push(comment);
      expect(await takeAll(receiver.subscribe(server.url, { retry: AT_ONCE, onComment }))).toMatchObject(ONE_A);
      expect(comments).toEqual(['', '', '', 'keep alive']);
    });

    it('an event counts when it is there, not when more comes', async () => {
      server.script(stream('data: a\n\n'));
      const messages = receiver.subscribe(server.url)[Symbol.asyncIterator]();
      for (const text of ['a', 'b', 'c']) {
        if (text !== 'a') server.responses[0]?.write(`data: ${text}\n\n`);
        expect((await messages.next()).value?.data).toBe(text);
      }
    });

    it('a CR that ends an event does not wait for the LF that may follow', async () => {
      server.script(stream('data: a\r\r'));
      expect(data(await take(receiver.subscribe(server.url), 1))).toEqual(['a']);
    });

    it('more than six streams of one server are open at a time', async () => {
      server.script(stream('data: a\n\n'));
      const subscriptions = Array.from({ length: 20 }, () => receiver.subscribe(server.url));
      const taking = subscriptions.map(takeAll);
      await Promise.all(subscriptions.map((subscription) => entered(subscription, 'open')));
      expect(server.sockets.size).toBe(20);
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await Promise.all(taking);
      await server.deserted();
    });
  });
});
