import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { SseShedOptions } from './limit-options.js';
import { LoadShedder } from './load-shedder.js';

describe('LoadShedder', () => {
  let now: number;
  let delayMs: number;
  let ratio: number;
  let asked: string[];
  let log: string[];

  beforeEach(() => {
    now = 10_000;
    delayMs = 0;
    ratio = 0;
    asked = [];
    log = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((text) => log.push(`warn: ${text}`));
    jest.spyOn(Logger.prototype, 'log').mockImplementation((text) => log.push(`log: ${text}`));
  });

  afterEach(() => {
    jest.restoreAllMocks();
  });

  function shedder(limits: SseShedOptions): LoadShedder {
    const probe = {
      eventLoopDelayMs: () => {
        asked.push('delay');
        return delayMs;
      },
      heapUsedRatio: () => {
        asked.push('heap');
        return ratio;
      },
    };
    return new LoadShedder(limits, probe, () => now);
  }

  it('sheds nothing, and looks at nothing, without limits', () => {
    delayMs = 1e6;
    ratio = 1;
    expect(shedder({}).overloaded).toBe(false);
    expect(asked).toEqual([]);
  });

  it('goes by the delay of the event loop alone, if that is the limit', () => {
    ratio = 1;
    delayMs = 200;
    const loop = shedder({ maxEventLoopDelayMs: 200 });
    expect(loop.overloaded).toBe(false);
    now += 500;
    delayMs = 201;
    expect(loop.overloaded).toBe(true);
    expect(asked).toEqual(['delay', 'delay']);
  });

  it('goes by the heap alone, if that is the limit', () => {
    delayMs = 1e6;
    ratio = 0.9;
    const heap = shedder({ maxHeapUsedRatio: 0.9 });
    expect(heap.overloaded).toBe(false);
    now += 500;
    ratio = 0.901;
    expect(heap.overloaded).toBe(true);
    expect(asked).toEqual(['heap', 'heap']);
  });

  it('looks every half second at most, however many ask, and thinks better of it then', () => {
    ratio = 0.95;
    const both = shedder({ maxEventLoopDelayMs: 200, maxHeapUsedRatio: 0.9 });
    expect(both.overloaded).toBe(true);
    ratio = 0.5;
    now += 499;
    expect(both.overloaded).toBe(true);
    expect(asked).toEqual(['delay', 'heap']);
    now += 1;
    expect(both.overloaded).toBe(false);
    delayMs = 500;
    now += 499;
    expect(both.overloaded).toBe(false);
    now += 1;
    expect(both.overloaded).toBe(true);
    expect(asked).toEqual(['delay', 'heap', 'delay', 'heap', 'delay', 'heap']);
  });

  it('says in the log when it begins and when it is over, and not for each request', () => {
    delayMs = 312.4;
    const both = shedder({ maxEventLoopDelayMs: 200, maxHeapUsedRatio: 0.9 });
    for (let n = 0; n < 3; n++) {
      both.overloaded;
      now += 500;
    }
    delayMs = 0;
    both.overloaded;
    now += 500;
    both.overloaded;
    now += 500;
    ratio = 0.934;
    both.overloaded;
    expect(log).toEqual([
      'warn: New streams are refused: the event loop is 312 ms late, over maxEventLoopDelayMs 200',
      'log: New streams are taken again',
      'warn: New streams are refused: 93 % of the heap is in use, over maxHeapUsedRatio 0.9',
    ]);
  });
});
