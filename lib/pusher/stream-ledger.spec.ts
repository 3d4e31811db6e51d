import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ManagedStream } from './managed-stream.js';
import { StreamFailures } from './stream-failures.js';
import { StreamLedger } from './stream-ledger.js';
import type { SseStreamOptions } from './stream-options.js';
import { mergeStreamOptions, STREAM_DEFAULTS } from './stream-settings.js';

function streamWith(options: SseStreamOptions = {}): ManagedStream {
  const info = { streamId: 7, route: 'Controller.stream', lastEventId: undefined };
  return { info, settings: mergeStreamOptions(STREAM_DEFAULTS, options) } as ManagedStream;
}

describe('StreamLedger', () => {
  let ledger: StreamLedger;
  let logged: jest.SpiedFunction<Logger['error']>;

  beforeEach(() => {
    ledger = new StreamLedger(
      new StreamFailures(() => {
        throw new Error('nothing is looked up here');
      }),
    );
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('counts streams while they are open, and their ends by reason', () => {
    const [first, second, third] = [streamWith(), streamWith(), streamWith()];
    for (const stream of [first, second, third]) {
      ledger.created(stream!);
      ledger.opened(stream!);
    }
    expect(ledger.count).toBe(3);
    ledger.closed(first!, 'client');
    ledger.closed(second!, 'client');
    ledger.closed(third!, 'stalled');
    expect(ledger.count).toBe(0);
    expect([...ledger.closedCounts()]).toEqual([
      ['client', 2],
      ['stalled', 1],
    ]);
  });

  it('counts requests that got no stream, by reason, and tells watchers of each', () => {
    const told: unknown[] = [];
    ledger.watch({ refused: ({ route }, reason) => told.push([route, reason]) });
    ledger.watch({});
    for (const reason of ['load', 'key-limit', 'load'] as const) {
      ledger.refused({ route: 'A.b' } as never, reason);
    }
    expect([...ledger.refusedCounts()]).toEqual([
      ['load', 2],
      ['key-limit', 1],
    ]);
    expect(told).toEqual([
      ['A.b', 'load'],
      ['A.b', 'key-limit'],
      ['A.b', 'load'],
    ]);
    expect(ledger.closedCounts().size).toBe(0);
  });

  it('gives its counts away as a copy', () => {
    (ledger.closedCounts() as Map<string, number>).set('client', 99);
    expect(ledger.closedCounts().size).toBe(0);
  });

  it('knows a stream as unfinished from its making until it is gone, open or not', () => {
    const stream = streamWith();
    ledger.created(stream);
    expect(ledger.unfinished()).toEqual([stream]);
    expect(ledger.unfinishedCount).toBe(1);
    expect(ledger.count).toBe(0);
    ledger.gone(stream);
    expect(ledger.unfinished()).toEqual([]);
    expect(ledger.unfinishedCount).toBe(0);
  });

  it('tells the hooks, and bears it when they throw', () => {
    const told: unknown[] = [];
    const stream = streamWith({
      onOpen: (info) => told.push(['open', info.streamId]),
      onClose: (info, reason) => {
        told.push(['close', info.streamId, reason]);
        throw new Error('hook failed');
      },
    });
    ledger.created(stream);
    ledger.opened(stream);
    ledger.closed(stream, 'ended');
    expect(told).toEqual([
      ['open', 7],
      ['close', 7, 'ended'],
    ]);
    expect(logged.mock.calls[0]?.[0]).toBe('Stream 7 of Controller.stream: onClose failed: hook failed');
  });

  it('has it logged that a response could not be written to', () => {
    ledger.writeFailed(streamWith(), new Error('broken by middleware'));
    expect(logged.mock.calls[0]?.[0]).toContain('its response failed: broken by middleware');
  });

  it('tells watchers of each step, until they do not want to know any more', () => {
    const told: string[] = [];
    const stop = ledger.watch({
      created: ({ info }) => told.push(`created ${info.streamId}`),
      opened: ({ info }) => told.push(`opened ${info.streamId}`),
      closed: ({ info }, reason) => told.push(`closed ${info.streamId} ${reason}`),
      gone: ({ info }) => told.push(`gone ${info.streamId}`),
    });
    ledger.watch({});
    const stream = streamWith();
    ledger.created(stream);
    ledger.opened(stream);
    ledger.closed(stream, 'revoked');
    ledger.gone(stream);
    expect(told).toEqual(['created 7', 'opened 7', 'closed 7 revoked', 'gone 7']);
    // Whoever counts must not take the same stream off twice.
    ledger.gone(stream);
    expect(told).toHaveLength(4);
    stop();
    ledger.created(stream);
    expect(told).toHaveLength(4);
  });

  it('refuses new streams from when it is told to', () => {
    expect(ledger.refusing).toBe(false);
    ledger.refuseNew();
    expect(ledger.refusing).toBe(true);
  });
});
