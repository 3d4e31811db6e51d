import { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type OpenExchange, openExchange } from '../../test/pusher/support/exchange.js';
import { HttpExchange } from './http-exchange.js';
import { plainSocket } from './plain-socket.js';

describe('plainSocket', () => {
  let peer: OpenExchange;

  beforeEach(async () => {
    peer = await openExchange();
  });

  afterEach(() => peer.close());

  it('gives the socket of a response of node that nothing stands in front of', () => {
    peer.exchange.commit(200, {});
    expect(plainSocket(peer.exchange)).toBe(peer.exchange.socket);
  });

  it('gives it for a response whose prototype was replaced, as Express does', () => {
    Object.setPrototypeOf(peer.response, Object.create(ServerResponse.prototype));
    peer.exchange.commit(200, {});
    expect(plainSocket(peer.exchange)).toBe(peer.exchange.socket);
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['whose write() was replaced', (response) => Object.assign(response, { write: () => true })],
    [
      'whose class writes otherwise',
      (response) => Object.setPrototypeOf(response, { __proto__: ServerResponse.prototype, write: () => true }),
    ],
    ['whose flushHeaders() was replaced', (response) => Object.assign(response, { flushHeaders: () => {} })],
    ['that has an encoding', (response) => response.setHeader('Content-Encoding', 'gzip')],
    ['that is corked', (response) => response.cork()],
    ['that has ended', (response) => response.end()],
    ['that has lost its socket', (response) => response.detachSocket(response.socket!)],
  ])('gives nothing for a response %s', (_, change) => {
    change(peer.response);
    if (!peer.response.headersSent) {
      peer.exchange.commit(200, {});
    }
    expect(plainSocket(peer.exchange)).toBeUndefined();
  });

  it('gives nothing for a response that has something to write', async () => {
    peer.client.pause();
    peer.exchange.commit(200, {});
    peer.response.write(Buffer.alloc(16 * 1024 * 1024));
    await nextTurn();
    expect(peer.response.writableLength).toBeGreaterThan(0);
    expect(plainSocket(peer.exchange)).toBeUndefined();
  });

  it('gives nothing for a response whose head somebody holds back', () => {
    peer.response.writeHead = (() => peer.response) as typeof peer.response.writeHead;
    peer.exchange.commit(200, {});
    expect(plainSocket(peer.exchange)).toBeUndefined();
  });

  it('gives nothing for a request that wants no body', () => {
    peer.exchange.commit(200, {});
    const request = Object.create(peer.exchange.request, { method: { value: 'HEAD' } });
    expect(plainSocket(new HttpExchange(request, peer.response))).toBeUndefined();
  });

  it('gives nothing for a socket that is not one of node', () => {
    peer.exchange.commit(200, {});
    const request = { headers: {}, method: 'GET', socket: {}, httpVersionMajor: 1 };
    const response = Object.create(peer.response, { socket: { value: request.socket } });
    expect(plainSocket(new HttpExchange(request, response))).toBeUndefined();
  });
});
