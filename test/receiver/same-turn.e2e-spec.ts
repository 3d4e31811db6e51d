import { describe, expect, it } from '@jest/globals';
import { checkReceiverOptions } from '../../lib/receiver/check-receiver-options.js';
import { Connection } from '../../lib/receiver/connection.js';
import type { Transport } from '../../lib/receiver/transport.js';

describe('a connection', () => {
  it('tells of what has arrived before it tells that it was lost in the same moment', async () => {
    const transport: Transport = {
      send: (_request, events) => {
        events.onResponse(200, { 'content-type': 'text/event-stream' });
        events.onData(Buffer.from('data: a\n\n'));
        events.onError(new Error('reset'));
        return { abort: async () => {}, pause: () => {}, resume: () => {} };
      },
    };
    const told: string[] = [];
    const request = { url: new URL('http://own.test/'), method: 'GET', callersHeaders: new Map(), lastEventId: '' };
    const connection = new Connection(checkReceiverOptions(request.url, {}), transport, request, {
      onOpen: () => {},
      onMessage: ({ data }) => told.push(data),
      onComment: () => {},
      onRetry: () => {},
      onChunkDone: () => false,
    });
    told.push((await connection.run()).kind);
    expect(told).toEqual(['a', 'network']);
  });
});
