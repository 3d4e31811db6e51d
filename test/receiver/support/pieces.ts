import type { Act } from './scripted-server.js';

/**
 * Answers 200 with an event stream that arrives in pieces of so many bytes, each in a turn of its own, and then ends in
 * good order. Default: in one piece.
 */
export const pieces =
  (streamed: string | Uint8Array, size = Number.POSITIVE_INFINITY): Act =>
  async (response) => {
    const bytes = Buffer.from(streamed);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.socket?.setNoDelay();
    response.flushHeaders();
    for (let start = 0; start < bytes.length; start += size) {
      response.write(bytes.subarray(start, start + size));
      await new Promise(setImmediate);
    }
    response.end();
  };
