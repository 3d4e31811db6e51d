import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OpenExchange, openExchange } from '../../test/pusher/support/exchange.js';
import { guardReplies, type ReplyingAdapter } from './reply-guard.js';

describe('guardReplies', () => {
  let peer: OpenExchange;

  beforeEach(async () => {
    peer = await openExchange();
  });

  afterEach(() => peer.close());

  class Adapter implements ReplyingAdapter {
    readonly replies: unknown[] = [];

    reply(response: unknown, body: unknown, status?: number): string {
      this.replies.push([response, body, status]);
      return 'replied';
    }
  }

  it('lets every reply through but the one to a response that a stream has taken', () => {
    const adapter = new Adapter();
    guardReplies(adapter);
    expect(adapter.reply(peer.response, 'body', 201)).toBe('replied');
    expect(adapter.replies).toEqual([[peer.response, 'body', 201]]);
    peer.exchange.commit(200, {});
    expect(adapter.reply(peer.response, undefined)).toBeUndefined();
    expect(adapter.reply({ raw: peer.response }, undefined)).toBeUndefined();
    expect(adapter.replies).toHaveLength(1);
    for (const other of [undefined, null, {}, { raw: undefined }]) {
      adapter.reply(other, 'body');
    }
    expect(adapter.replies).toHaveLength(5);
  });

  it('is put on once', () => {
    const adapter = new Adapter();
    guardReplies(adapter);
    const { reply } = adapter;
    guardReplies(adapter);
    expect(adapter.reply).toBe(reply);
  });
});
