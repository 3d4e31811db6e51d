import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../../test/pusher/support/eventually.js';
import { type OpenExchange, openExchange } from '../../test/pusher/support/exchange.js';
import { BodyPart } from './body-part.js';
import { WRITE_BYTES } from './outbox.js';
import { ResponseSink } from './response-sink.js';
import { StreamTraffic } from './stream-traffic.js';

describe.each([true, false])('ResponseSink, writing directly where it may: %s', (mayWriteDirectly) => {
  let peer: OpenExchange;
  let sink: ResponseSink;
  let traffic: StreamTraffic;
  let drains: number;
  let ends: boolean[];

  beforeEach(async () => {
    peer = await openExchange();
    drains = 0;
    ends = [];
    traffic = new StreamTraffic();
    const owner = { onDrain: () => drains++, onGone: (finished: boolean) => ends.push(finished) };
    sink = new ResponseSink(peer.exchange, owner, traffic);
  });

  afterEach(() => peer.close());

  it('keeps the socket prompt, probed and open', () => {
    const socket = peer.exchange.socket!;
    const noDelay = jest.spyOn(socket, 'setNoDelay');
    const keepAlive = jest.spyOn(socket, 'setKeepAlive');
    const timeout = jest.spyOn(socket, 'setTimeout');
    sink.open(200, {}, mayWriteDirectly);
    expect(noDelay).toHaveBeenCalledWith(true);
    expect(keepAlive).toHaveBeenCalledWith(true, 30_000);
    expect(timeout).toHaveBeenCalledWith(0);
  });

  it('is full at the size of a write, whatever the mark of the response, and says when it has drained', async () => {
    sink.open(200, {}, mayWriteDirectly);
    sink.flushHeaders();
    await peer.client.untilText('\r\n\r\n');
    // Not the response: Node 22 emits no 'drain' for what was written to a corked one.
    peer.exchange.socket!.cork();
    sink.write(new BodyPart('x'.repeat(WRITE_BYTES - 1000)));
    expect(sink.full).toBe(false);
    sink.write(new BodyPart('x'.repeat(1000)));
    expect(sink.full).toBe(true);
    peer.exchange.socket!.uncork();
    await eventually(() => drains > 0);
    expect(sink.full).toBe(false);
  });

  it('says how long the peer has taken nothing of what waits', async () => {
    sink.open(200, {}, mayWriteDirectly);
    expect(sink.stalledMs(performance.now() + 5000)).toBe(0);
    peer.exchange.socket!.cork();
    sink.write(new BodyPart('x'.repeat(100)));
    const written = performance.now();
    expect(sink.stalledMs(written + 5000)).toBeGreaterThanOrEqual(5000);
    peer.exchange.socket!.uncork();
    await eventually(() => sink.pendingBytes === 0);
    expect(sink.stalledMs(written + 9000)).toBe(0);
  });

  it('tells once that the response was finished', async () => {
    sink.open(200, {}, mayWriteDirectly);
    sink.write(new BodyPart('data: a\n\n'));
    sink.end();
    await eventually(() => ends.length > 0);
    peer.client.leave();
    await eventually(() => peer.exchange.gone);
    expect(ends).toEqual([true]);
  });

  it('tells once that the peer has left, and bears what its broken pipe says', async () => {
    sink.open(200, {}, mayWriteDirectly);
    peer.client.reset();
    await eventually(() => ends.length > 0);
    peer.response.emit('error', new Error('write EPIPE'));
    expect(ends).toEqual([false]);
  });

  it('gives nothing to a socket that takes nothing any more', async () => {
    sink.open(200, {}, mayWriteDirectly);
    sink.flushHeaders();
    const errors: Error[] = [];
    peer.exchange.socket!.on('error', (error) => errors.push(error));
    peer.exchange.socket!.end();
    sink.write(new BodyPart('data: late\n\n'));
    await eventually(() => ends.length > 0);
    expect(errors).toEqual([]);
  });

  it('cuts the connection and tells so at once', async () => {
    sink.open(200, {}, mayWriteDirectly);
    sink.destroy();
    sink.destroy();
    expect(ends).toEqual([false]);
    await peer.client.untilClosed();
  });

  it('hears nothing more of a response that it has left to others', async () => {
    sink.detach();
    peer.response.end('answered by somebody else');
    await peer.client.untilText('somebody else');
    peer.client.leave();
    await eventually(() => peer.exchange.gone);
    expect(ends).toEqual([]);
  });

  it('closes the connection once everything was sent', async () => {
    sink.open(200, {}, mayWriteDirectly);
    sink.write(new BodyPart('data: last\n\n'));
    sink.end();
    await eventually(() => ends.length > 0);
    sink.closeConnection();
    expect(await peer.client.untilClosed()).toMatch(/data: last\n\n\r\n0\r\n\r\n$/);
  });
});
