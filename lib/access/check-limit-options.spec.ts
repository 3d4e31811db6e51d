import { describe, expect, it } from '@jest/globals';
import { findLimitProblems } from './check-limit-options.js';

const optionsAtFault = (limits: unknown, hasKeys = true) =>
  findLimitProblems(limits, hasKeys).map(({ option }) => option);

describe('findLimitProblems', () => {
  it('has nothing to say of limits that can be held', () => {
    const per = { user: 1, tenant: { max: 100 }, ip: { max: 50, onFull: 'replace-oldest' } };
    const shed = { maxEventLoopDelayMs: 200, maxHeapUsedRatio: 0.9, refuseWith: 'status' };
    const limits = { maxStreams: 1, per, shed, refuseWith: 'reconnect', replacedEvent: 'moved' };
    expect(findLimitProblems(limits, true)).toEqual([]);
    expect(findLimitProblems({ maxStreams: undefined, per: {}, shed: undefined }, false)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['limits', 5],
    ['limits', null],
    ['limits.max', { max: 5 }],
    ['limits.maxStreams', { maxStreams: 0 }],
    ['limits.maxStreams', { maxStreams: 1.5 }],
    ['limits.refuseWith', { refuseWith: 503 }],
    ['limits.replacedEvent', { replacedEvent: '' }],
    ['limits.replacedEvent', { replacedEvent: 'two\nlines' }],
    ['limits.replacedEvent', { replacedEvent: 'error' }],
    ['limits.per', { per: null }],
    ['limits.per', { per: ['user'] }],
    ['limits.per.user', { per: { user: '5' } }],
    ['limits.per.user', { per: { user: 0 } }],
    ['limits.per.user.max', { per: { user: {} } }],
    ['limits.per.user.max', { per: { user: { max: -1 } } }],
    ['limits.per.user.onFull', { per: { user: { max: 1, onFull: 'replaceOldest' } } }],
    ['limits.per.user.most', { per: { user: { max: 1, most: 1 } } }],
    ['limits.shed', { shed: null }],
    ['limits.shed.maxEventLoopDelayMs', { shed: { maxEventLoopDelayMs: 0 } }],
    ['limits.shed.maxHeapUsedRatio', { shed: { maxHeapUsedRatio: 0 } }],
    ['limits.shed.maxHeapUsedRatio', { shed: { maxHeapUsedRatio: 90 } }],
    ['limits.shed.refuseWith', { shed: { refuseWith: 'close' } }],
  ])('finds %s at fault in %j', (option, limits) => {
    expect(optionsAtFault(limits)).toEqual([option]);
  });

  it('names every problem at once', () => {
    expect(optionsAtFault({ maxStreams: -1, per: { user: 0, ip: true }, shed: { maxHeapUsedRatio: 2 } })).toEqual([
      'limits.maxStreams',
      'limits.shed.maxHeapUsedRatio',
      'limits.per.user',
      'limits.per.ip',
    ]);
  });

  it('does not accept limits per key from a module that never says whose a stream is: they would limit nobody', () => {
    expect(optionsAtFault({ per: { user: 5 } }, false)).toEqual(['limits.per']);
  });
});
