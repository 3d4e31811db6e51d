import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SseStreamInfo, StreamWatcher } from '../pusher/index.js';
import type { ManagedStream } from '../pusher/internal.js';
import type { SseLimitOptions } from './limit-options.js';
import { StreamLimiter } from './stream-limiter.js';

describe('StreamLimiter', () => {
  let watchers: StreamWatcher[];
  let unfinishedCount: number;
  let ratio: number;

  beforeEach(() => {
    watchers = [];
    unfinishedCount = 0;
    ratio = 0;
  });

  function limiter(limits: SseLimitOptions): StreamLimiter {
    const ledger = {
      get unfinishedCount() {
        return unfinishedCount;
      },
      refusing: false,
      watch(watcher: StreamWatcher) {
        watchers.push(watcher);
        return () => {};
      },
    };
    return new StreamLimiter(ledger, limits, { eventLoopDelayMs: () => 0, heapUsedRatio: () => ratio });
  }

  const infoOf = (keys: Record<string, string>) => ({ keys }) as unknown as SseStreamInfo;

  function create(keys: Record<string, string>, end?: ManagedStream['end']): ManagedStream {
    const stream = { info: infoOf(keys), end } as unknown as ManagedStream;
    for (const watcher of watchers) {
      watcher.created?.(stream);
    }
    unfinishedCount++;
    return stream;
  }

  it('lets everybody in without limits, and watches nothing', () => {
    unfinishedCount = 1e6;
    ratio = 1;
    expect(limiter({}).admit(infoOf({ user: 'ann' }))).toBeUndefined();
    expect(watchers).toEqual([]);
  });

  it('tells a client of its own limit first, then of that of the server, then of the load', () => {
    const gate = limiter({ maxStreams: 2, per: { user: 1, ip: { max: 2 } }, shed: { maxHeapUsedRatio: 0.9 } });
    ratio = 0.95;
    expect(gate.admit(infoOf({ user: 'ann' }))).toMatchObject({ status: 503, refuseWith: 'reconnect' });
    create({ user: 'ann', ip: '::1' });
    create({ user: 'bob', ip: '::1' });
    expect(gate.admit(infoOf({ user: 'cid' }))).toMatchObject({ status: 503, refuseWith: 'status' });
    expect(gate.admit(infoOf({ user: 'ann' }))).toEqual({
      status: 429,
      reason: 'key-limit',
      why: 'Too many streams: there may be 1 of the same user at once',
      refuseWith: 'status',
    });
    expect(gate.admit(infoOf({ user: 'cid', ip: '::1' }))).toMatchObject({ status: 429, why: /same ip/ });
  });

  it('refuses limits and load each in its own way', () => {
    const gate = limiter({
      maxStreams: 1,
      refuseWith: 'reconnect',
      shed: { maxHeapUsedRatio: 0.5, refuseWith: 'status' },
    });
    ratio = 0.6;
    expect(gate.admit(infoOf({}))).toMatchObject({ refuseWith: 'status' });
    create({});
    expect(gate.admit(infoOf({}))).toMatchObject({ refuseWith: 'reconnect' });
  });

  it('has nobody make room for a request that gets no stream', () => {
    const ended: string[] = [];
    const gate = limiter({ maxStreams: 2, per: { tab: { max: 1, onFull: 'replace-oldest' } } });
    create({ tab: '1' }, (reason) => ended.push(reason));
    create({ tab: '2' });
    expect(gate.admit(infoOf({ tab: '1' }))).toBeDefined();
    expect(ended).toEqual([]);
    unfinishedCount--;
    expect(gate.admit(infoOf({ tab: '1' }))).toBeUndefined();
    expect(ended).toEqual(['replaced']);
  });
});
