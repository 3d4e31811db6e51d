import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SseReceiverOptions, SseReceiverService } from '../../lib/receiver/index.js';
import { AT_ONCE, data, entered, failureOf, take, takeAll } from './support/consumers.js';
import { head, RawServer, say, sayAndEnd } from './support/raw-server.js';

const GOOD = say(head(), 'data: good\n\n');

/** What comes in must go out again: the id, in the head of the next request. */
describe('hostile ids and bytes', () => {
  let server: RawServer;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    server = await RawServer.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.deserted();
    await server.close();
  });

  const subscribe = (options: SseReceiverOptions = {}) =>
    receiver.subscribe(server.url, { retry: AT_ONCE, ...options });

  it('an id of 200 KB, which no server would take back, ends the subscription', async () => {
    server.script(say(head(), `id: ${'7'.repeat(200_000)}\ndata: a\n\n`));
    const subscription = subscribe();
    const failed = failureOf(takeAll(subscription));
    const { outcome } = await entered(subscription, 'closed');
    expect(outcome).toMatchObject({ kind: 'decode', willRetry: false });
    expect(await failed).toMatchObject({ code: 'SSE_DECODE', reason: 'too-large', option: 'maxIdBytes' });
  });

  it('an id of 200 KB goes by with its message where such messages are skipped', async () => {
    server.script(sayAndEnd(head(), 'id: 1\ndata: a\n\n', `id: ${'7'.repeat(200_000)}\ndata: x\n\n`), GOOD);
    expect(data(await take(subscribe({ oversize: 'skip' }), 2))).toEqual(['a', 'good']);
    expect(server.heads[1]).toContain('\r\nlast-event-id: 1\r\n');
  });

  it('NULs and bytes that are no UTF-8 do no harm anywhere', async () => {
    const evil = Buffer.from([0x00, 0xff, 0xc3, 0x28, 0x80]);
    const block = ['event: ', evil, '\ndata: ', evil, '\n', evil, ': x\n:', evil, '\nid', evil, ': 1\n\n'];
    server.script(say(head(), ...block, 'data: good\n\n'));
    const noise = '\0\uFFFD\uFFFD(\uFFFD';
    expect(await take(subscribe(), 2)).toMatchObject([
      { event: noise, data: noise, lastEventId: '' },
      { data: 'good' },
    ]);
  });

  describe('the head of the next request cannot be written into by an id with', () => {
    const names = (request: string) => request.split('\r\n').map((line) => line.split(':', 1)[0]);
    const cases: readonly (readonly [what: string, id: string, sent: string | undefined])[] = [
      ['CR, which ends the line', '1\rx-evil: yes', '1'],
      ['CR LF', '1\r\nx-evil: yes', '1'],
      ['a colon', '1: x-evil: yes', '1: x-evil: yes'],
      ['vertical tab', '1\vx-evil: yes', undefined],
      ['form feed', '1\fx-evil: yes', undefined],
      ['escape', '1\x1Bx-evil: yes', undefined],
      ['delete', '1\x7Fx-evil: yes', undefined],
      ['next line', '1\u0085x-evil: yes', '1\u0085x-evil: yes'],
      ['line separator', '1\u2028x-evil: yes', '1\u2028x-evil: yes'],
      ['characters whose last bytes are CR and LF', '1\u560D\u560Ax-evil: yes', '1\u560D\u560Ax-evil: yes'],
      ['spaces at its ends', ' 1 ', undefined],
      ['NUL, which is ignored', '1\0', undefined],
    ];

    it.each(cases)('%s', async (_what, id, sent) => {
      server.script(sayAndEnd(head(), `id: ${id}\ndata: a\n\n`), GOOD);
      await take(subscribe(), 2);
      const [first = '', second = ''] = server.heads;
      const expected = sent === undefined ? names(first) : [...names(first).slice(0, -2), 'last-event-id', '', ''];
      expect(names(second)).toEqual(expected);
      const value = /\r\nlast-event-id: (.*?)\r\n/s.exec(second)?.[1];
      expect(value && Buffer.from(value, 'latin1').toString('utf8')).toBe(sent);
    });
  });
});
