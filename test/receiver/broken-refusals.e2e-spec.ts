import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SseReceiverService } from '../../lib/receiver/index.js';
import { failureOf, takeAll } from './support/consumers.js';
import { RawServer, say, sayAndEnd, sayAndReset } from './support/raw-server.js';

describe('refusals whose body is broken', () => {
  let server: RawServer;
  let receiver: SseReceiverService;

  beforeEach(() => {
    receiver = new SseReceiverService();
  });

  afterEach(async () => {
    await receiver.onModuleDestroy();
    await server.close();
  });

  const cutRefusal = 'HTTP/1.1 403 Forbidden\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\nYou may not';

  it.each([
    ['ended', sayAndEnd(cutRefusal)],
    ['reset', sayAndReset(cutRefusal)],
  ])('a 403 is final though its body is %s too early', async (_how, act) => {
    server = await RawServer.start(act);
    const subscription = receiver.subscribe(server.url, { retry: { baseMs: 0, maxAttempts: 3 } });
    const failure = await failureOf(takeAll(subscription));
    expect(failure).toMatchObject({ kind: 'http', status: 403, bodyExcerpt: 'You may not', retryable: false });
    expect(server.heads).toHaveLength(1);
  });

  it('a 404 is final though its body is not in the coding that it says', async () => {
    server = await RawServer.start(
      say('HTTP/1.1 404 Not Found\r\ncontent-encoding: gzip\r\ncontent-length: 9\r\n\r\nnot found'),
    );
    const subscription = receiver.subscribe(server.url, { decompress: true, retry: { baseMs: 0, maxAttempts: 3 } });
    const failure = await failureOf(takeAll(subscription));
    expect(failure).toMatchObject({ kind: 'http', status: 404, retryable: false });
    expect(server.heads).toHaveLength(1);
  });

  it('a 503 tells when to come back though its body breaks off', async () => {
    server = await RawServer.start(
      sayAndEnd('HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 100\r\n\r\nlater'),
    );
    const asked: (number | undefined)[] = [];
    const subscription = receiver.subscribe(server.url, {
      retry: {
        nextDelayMs: ({ serverDelayMs }) => {
          asked.push(serverDelayMs);
          return undefined;
        },
      },
    });
    await failureOf(takeAll(subscription));
    expect(asked).toEqual([7_000]);
  });
});
