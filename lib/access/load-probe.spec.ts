import type { IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { describe, expect, it } from '@jest/globals';
import { NodeLoadProbe } from './load-probe.js';

/** A histogram into which the test puts what would have been between two looks at the loop. */
function fakeMonitor() {
  const done: string[] = [];
  const between: number[] = [];
  const histogram = {
    get count() {
      return between.length;
    },
    get mean() {
      return between.reduce((sum, each) => sum + each, 0) / between.length;
    },
    enable: () => done.push('enable'),
    disable: () => done.push('disable'),
  };
  const monitor = (options: unknown) => {
    done.push(`made ${JSON.stringify(options)}`);
    return histogram as unknown as IntervalHistogram;
  };
  const look = (...ms: number[]) => between.push(...ms.map((each) => each * 1e6));
  return { done, look, probe: new NodeLoadProbe(monitor as typeof monitorEventLoopDelay) };
}

describe('NodeLoadProbe', () => {
  it('begins to watch the loop when it is first asked about it, and stops with the application', () => {
    const { done, probe } = fakeMonitor();
    probe.heapUsedRatio();
    probe.onApplicationShutdown();
    expect(done).toEqual([]);
    expect(probe.eventLoopDelayMs()).toBe(0);
    expect(done).toEqual(['made {"resolution":10}', 'enable']);
    probe.onApplicationShutdown();
    expect(done.at(-1)).toBe('disable');
  });

  it('tells the average since the last time, without the rest between two looks', () => {
    const { look, probe } = fakeMonitor();
    expect(probe.eventLoopDelayMs()).toBe(0);
    look(60, 110);
    expect(probe.eventLoopDelayMs()).toBeCloseTo(75);
    look(310);
    expect(probe.eventLoopDelayMs()).toBeCloseTo(300);
    look(9.2, 10);
    expect(probe.eventLoopDelayMs()).toBe(0);
  });

  it('tells the last again when it is asked twice within one turn of a loop that is held up', () => {
    const { look, probe } = fakeMonitor();
    look(510);
    expect(probe.eventLoopDelayMs()).toBeCloseTo(500);
    expect(probe.eventLoopDelayMs()).toBeCloseTo(500);
  });

  it('sees a loop that is held up', async () => {
    const probe = new NodeLoadProbe();
    let delayMs = probe.eventLoopDelayMs();
    while (delayMs === 0) {
      const start = performance.now();
      while (performance.now() - start < 50);
      await setImmediate();
      delayMs = probe.eventLoopDelayMs();
    }
    probe.onApplicationShutdown();
    expect(delayMs).toBeGreaterThan(0);
  });

  it('tells how much of the largest heap is in use', () => {
    const ratio = new NodeLoadProbe().heapUsedRatio();
    expect(ratio).toBeGreaterThan(1024 / getHeapStatistics().heap_size_limit);
    expect(ratio).toBeLessThan(1);
  });
});
