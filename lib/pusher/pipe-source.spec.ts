import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type OpenExchange, openExchange } from '../../test/pusher/support/exchange.js';
import { EventStream } from './event-stream.js';
import { pipeSource } from './pipe-source.js';
import { createPusherRuntime } from './pusher-runtime.js';

describe('pipeSource', () => {
  let peer: OpenExchange;

  beforeEach(async () => {
    peer = await openExchange();
  });

  afterEach(() => peer.close());

  it('lets go of a source at once when the stream is closed', async () => {
    const { services, settings, failures } = createPusherRuntime({ lookup: () => ({ onError() {} }) });
    const info = { streamId: 1, route: 'GET /', lastEventId: undefined, keys: {} };
    const stream = new EventStream(peer.exchange, info, settings, services);
    stream.destroy('client');
    const source = { opens: 'at-once' as const, run: jest.fn<() => Promise<void>>(), release: jest.fn() };
    await pipeSource(source, stream, failures);
    expect(source.run).not.toHaveBeenCalled();
    expect(source.release).toHaveBeenCalledTimes(1);
  });
});
