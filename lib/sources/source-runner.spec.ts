import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { NEVER } from 'rxjs';
import { ReceivedMessage } from '../protocol/index.js';
import type { SseMessageHandler, SseSubscription } from '../receiver/index.js';
import { SourceHandler } from './source-handler.js';
import { SourceLog } from './source-log.js';
import { SourceRunner } from './source-runner.js';

describe('the runner of a source', () => {
  it('leaves no listener on the signal of a subscription that may live for months', async () => {
    const closed = new AbortController();
    const listeners: number[] = [];
    let takeAll = Promise.resolve();
    const count = () => listeners.push(getEventListeners(closed.signal, 'abort').length);
    const process = (handler: SseMessageHandler) => {
      takeAll = (async () => {
        for (const id of ['1', '2', '3']) {
          await handler(new ReceivedMessage('event', '', id), { signal: closed.signal });
          count();
        }
      })();
      return takeAll;
    };
    const subscription = { process, state$: NEVER, close: async () => {} } as unknown as SseSubscription;
    const handler = new SourceHandler('Handlers.any', { any: count }, 'any', { source: 'billing' }, 'stop');
    const services = { log: new SourceLog('billing', false), random: () => 0 };
    new SourceRunner(subscription, [handler], { stopTimeoutMs: 0, slowAfterMs: 0 }, services).begin();
    await takeAll;
    expect(listeners).toEqual([1, 1, 1, 1, 1, 1]);
  });
});
