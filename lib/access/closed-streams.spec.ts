import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ManagedStream } from '../pusher/index.js';
import { ClosedStreams } from './closed-streams.js';

function streamWith(id: number, openedAt: number | undefined, sentBytes = () => 12): ManagedStream {
  const info = { streamId: id, route: 'GET /', lastEventId: undefined, keys: { user: '7' }, executionContext: {} };
  return { info, vitals: () => ({ openedAt, sentBytes: sentBytes() }) } as unknown as ManagedStream;
}

describe('the streams that ended last', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('are told of without what holds on to their requests', () => {
    const closed = new ClosedStreams();
    const openedAt = performance.now();
    jest.advanceTimersByTime(2500);
    closed.add(streamWith(3, openedAt), 'stalled');
    expect(closed.newest(10)).toEqual([
      {
        id: 3,
        route: 'GET /',
        keys: { user: '7' },
        reason: 'stalled',
        closedAt: Math.round(performance.timeOrigin + performance.now()),
        ageMs: 2500,
        sentBytes: 12,
      },
    ]);
  });

  it('have sent what went out until their response was over', () => {
    const closed = new ClosedStreams();
    let sent = 12;
    const stream = streamWith(3, 0, () => sent);
    closed.add(stream, 'ended');
    const before = closed.newest(1);
    sent = 500;
    closed.finish(stream);
    closed.finish(streamWith(4, 0));
    expect(closed.newest(1)[0]!.sentBytes).toBe(500);
    expect(before[0]!.sentBytes).toBe(12);
  });

  it('come newest first, at most as many as are asked for, and no more than a hundred', () => {
    const closed = new ClosedStreams();
    const idsOf = (limit: number) => closed.newest(limit).map(({ id }) => id);
    expect(idsOf(5)).toEqual([]);
    for (let id = 1; id <= 3; id++) closed.add(streamWith(id, 0), 'client');
    expect(idsOf(5)).toEqual([3, 2, 1]);
    expect(idsOf(2)).toEqual([3, 2]);
    for (let id = 4; id <= 250; id++) closed.add(streamWith(id, 0), 'client');
    expect(idsOf(1000)).toEqual(Array.from({ length: 100 }, (_, back) => 250 - back));
    expect(idsOf(0)).toEqual([]);
  });
});
