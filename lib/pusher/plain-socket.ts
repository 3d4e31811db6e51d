import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { HttpExchange } from './http-exchange.js';

/**
 * As they were when this was loaded: whoever puts something else in their place wants to see, to change or to hold back
 * what is sent.
 */
const { write, flushHeaders } = ServerResponse.prototype;

/**
 * The socket of a response whose head is committed, if nothing but chunk framing stands between the two: what is written to
 * the socket then reaches the peer as if it had been written to the response, at less than half the cost. It has to come
 * behind the head, which goes out with whatever is written to the response first.
 *
 * @returns nothing over HTTP/2, under middleware that compresses or watches what is written, for a response that is not
 * node's own, and while another response has the socket (pipelining)
 */
export function plainSocket({ request, response, socket, isHttp2 }: HttpExchange): Socket | undefined {
  if (isHttp2 || !(socket instanceof Socket)) {
    return undefined;
  }
  const plain = response as ServerResponse;
  const isPlain =
    plain.write === write &&
    plain.flushHeaders === flushHeaders &&
    plain.headersSent &&
    plain.socket === socket &&
    plain.writableLength === 0 &&
    plain.writableCorked === 0 &&
    !plain.writableEnded &&
    plain.getHeader('content-encoding') === undefined &&
    request.method !== 'HEAD';
  return isPlain ? socket : undefined;
}
