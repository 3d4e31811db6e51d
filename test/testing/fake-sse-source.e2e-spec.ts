import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type SseReceiverOptions, SseReceiverService, type SseSubscription } from 'nestjs-event-stream';
import { FakeSseSource } from 'nestjs-event-stream/testing';
import { failureOf } from './support/failure-of.js';

const AT_ONCE = { retry: { nextDelayMs: () => 0 } };

describe('FakeSseSource', () => {
  let source: FakeSseSource;
  let receiver: SseReceiverService;

  beforeEach(async () => {
    source = await FakeSseSource.start();
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await source.close();
  });

  function subscribe(options: SseReceiverOptions = {}): SseSubscription {
    return receiver.subscribe(source.url, { ...AT_ONCE, ...options });
  }

  async function dataOf(subscription: SseSubscription): Promise<string[]> {
    const seen: string[] = [];
    for await (const { data } of subscription) seen.push(data);
    return seen;
  }

  it('tells a story that was told to it in advance', async () => {
    const comments: string[] = [];
    source.emit({ id: '1', data: { tea: 2 } });
    source.comment('ping');
    source.cut();
    source.refuse(503, { 'retry-after': '0' }, 'not now');
    source.refuse(429);
    source.emit({ id: 'ü2', event: 'milk', data: 'two\nlines' });
    source.end();
    source.refuse(204);
    expect(await dataOf(subscribe({ onComment: (comment) => comments.push(comment) }))).toEqual([
      '{"tea":2}',
      'two\nlines',
    ]);
    expect(comments).toEqual(['ping']);
    expect(source.lastEventIds).toEqual([undefined, '1', '1', '1', 'ü2']);
    expect(source.connections).toBe(0);
  });

  it('sends to everybody who is connected, and sees them leave', async () => {
    const one = subscribe();
    const other = subscribe();
    const received = Promise.all([one, other].map((each) => each[Symbol.asyncIterator]().next()));
    await source.until(() => source.connections === 2);
    source.emit('both');
    expect((await received).map(({ value }) => value?.data)).toEqual(['both', 'both']);
    await one.close();
    await source.until(() => source.connections === 1);
    await other.close();
    await source.until(() => source.connections === 0);
  });

  it('ends and cuts what is open, and keeps a refusal for the next request', async () => {
    const outcomes: (string | undefined)[] = [];
    const subscription = subscribe();
    subscription.state$.subscribe((state) => {
      if ('outcome' in state) outcomes.push(state.outcome?.kind);
    });
    const all = dataOf(subscription);
    for (const [n, finish] of (['end', 'cut'] as const).entries()) {
      await source.until(() => source.connections === 1);
      source.emit(`${n}`);
      source[finish]();
      await source.until(() => source.requests.length === n + 2);
    }
    await source.until(() => source.connections === 1);
    source.refuse(204);
    source.emit('still open');
    source.end();
    expect(await all).toEqual(['0', '1', 'still open']);
    expect(outcomes).toEqual(['end', 'network', 'end', 'no-content']);
  });

  it('keeps what was requested', async () => {
    source.end();
    source.refuse(404, {}, 'no such stream');
    const headers = { authorization: 'Bearer x' };
    const subscription = receiver.subscribe(`${source.url}model?of=1`, {
      ...AT_ONCE,
      headers,
      method: 'POST',
      body: 'ask',
    });
    await expect(dataOf(subscription)).rejects.toMatchObject({ status: 404, bodyExcerpt: 'no such stream' });
    const { headers: sent, ...request } = source.requests[0]!;
    expect(request).toEqual({ method: 'POST', path: '/model?of=1', lastEventId: undefined, body: 'ask' });
    expect(sent.authorization).toBe('Bearer x');
  });

  it('refuses what cannot be sent', () => {
    expect(() => source.emit({ id: 'a\nb' })).toThrow(expect.objectContaining({ code: 'SSE_INVALID_MESSAGE' }));
  });

  it('says what was requested, where what is waited for does not happen', async () => {
    const nothing = await failureOf(source.until(() => false, 1));
    expect(nothing.message).toBe('What was waited for did not come within 1 ms. Open streams: 0; requests: none');
    void dataOf(subscribe({ lastEventId: '7' }));
    await source.until(() => source.connections === 1);
    const something = await failureOf(source.until(() => false, 1));
    expect(something.message).toBe(
      'What was waited for did not come within 1 ms. Open streams: 1; requests: GET / after 7',
    );
  });

  it('is closed with whoever is connected, and once', async () => {
    const subscription = subscribe({ retry: false });
    const all = dataOf(subscription);
    await source.until(() => source.connections === 1);
    await source.close();
    await expect(all).rejects.toMatchObject({ code: 'SSE_CONNECT' });
    await source[Symbol.asyncDispose]();
  });
});
