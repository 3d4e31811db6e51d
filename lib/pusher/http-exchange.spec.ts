import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OpenExchange, openExchange } from '../../test/pusher/support/exchange.js';

describe('HttpExchange', () => {
  let peer: OpenExchange;

  beforeEach(async () => {
    peer = await openExchange();
  });

  afterEach(() => peer.close());

  const head = () => peer.client.until((text) => text.includes('\r\n\r\n'));

  it('takes headers whose names differ in case alone for one, and knows no length of a stream', async () => {
    peer.exchange.commit(200, { 'cache-control': 'no-cache', 'Cache-Control': 'no-store', 'Content-Length': '5' });
    peer.exchange.flushHeaders();
    const sent = await head();
    expect(sent.match(/^cache-control: .*$/gim)).toEqual(['Cache-Control: no-store']);
    expect(sent).not.toMatch(/^content-length/im);
  });

  it('has node keep no header where nobody has set one', async () => {
    peer.exchange.commit(200, { 'content-type': 'text/event-stream' });
    peer.exchange.flushHeaders();
    expect(await head()).toMatch(/^content-type: text\/event-stream\r$/m);
    expect(peer.response.getHeaderNames()).toEqual([]);
  });

  it('keeps the headers that were set before, and those that are asked for', async () => {
    peer.response.setHeader('X-Served-By', 'one');
    peer.exchange.commit(200, { 'content-type': 'text/event-stream' });
    peer.exchange.flushHeaders();
    expect(await head()).toMatch(/^x-served-by: one\r$/im);
    expect(peer.response.getHeader('content-type')).toBe('text/event-stream');
  });

  it('lets others ask how the body is encoded', () => {
    peer.exchange.commit(200, { 'Content-Encoding': 'br' });
    expect(peer.response.getHeader('content-encoding')).toBe('br');
  });

  it('leaves the head to whoever has put a function of his own in the place of the one that writes it', async () => {
    const { writeHead } = peer.response;
    peer.response.writeHead = ((status: number) => {
      peer.response.setHeader('X-Type', peer.response.getHeader('content-type') ?? 'none');
      return writeHead.call(peer.response, status);
    }) as typeof writeHead;
    peer.exchange.commit(200, { 'content-type': 'text/event-stream' });
    peer.exchange.flushHeaders();
    expect(await head()).toMatch(/^x-type: text\/event-stream\r$/im);
  });

  it('sets headers one by one where somebody has replaced the function that does so', async () => {
    const { setHeader } = peer.response;
    peer.response.setHeader = ((name: string, value: string) =>
      setHeader.call(peer.response, `X-Seen-${name}`, value)) as typeof setHeader;
    peer.exchange.commit(200, { 'content-type': 'text/event-stream' });
    peer.exchange.flushHeaders();
    expect(await head()).toMatch(/^x-seen-content-type: text\/event-stream\r$/im);
  });

  it('sends the head together with what is written in the same tick', async () => {
    const { socket } = peer.exchange;
    peer.exchange.commit(200, {});
    peer.exchange.flushHeaders();
    expect(socket!.writableCorked).toBe(1);
    await new Promise(process.nextTick);
    expect(socket!.writableCorked).toBe(0);
    await head();
  });
});
