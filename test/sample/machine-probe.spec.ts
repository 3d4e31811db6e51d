import os from 'node:os';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MachineProbe } from '../../sample/src/machine/machine-probe.js';

describe('MachineProbe', () => {
  let probe: MachineProbe;

  /** Two cores that have been busy and idle for so many milliseconds since they were started. */
  function cpus(busy: number, idle: number): void {
    const core = { model: 'core', speed: 1, times: { user: busy / 2, nice: 0, sys: busy / 4, irq: busy / 4, idle } };
    jest.spyOn(os, 'cpus').mockReturnValue([core, core]);
  }

  beforeEach(() => {
    cpus(1000, 1000);
    probe = new MachineProbe();
  });

  afterEach(() => {
    probe.onModuleDestroy();
    jest.restoreAllMocks();
  });

  it('gives the share of the time since the last reading that was not idle', () => {
    cpus(1250, 1750);
    expect(probe.read().cpuPercent).toBe(25);
    cpus(1250, 2750);
    expect(probe.read().cpuPercent).toBe(0);
  });

  it('gives no nonsense when no time has passed, or the system tells of no cores', () => {
    expect(probe.read().cpuPercent).toBe(0);
    jest.spyOn(os, 'cpus').mockReturnValue([]);
    expect(probe.read().cpuPercent).toBe(0);
  });

  it('reads memory and load from the system', () => {
    jest.spyOn(os, 'totalmem').mockReturnValue(800);
    jest.spyOn(os, 'freemem').mockReturnValue(500);
    jest.spyOn(os, 'loadavg').mockReturnValue([0.123, 1.5, 2]);
    expect(probe.read()).toMatchObject({ memory: { usedBytes: 300, totalBytes: 800 }, load: [0.12, 1.5, 2] });
  });

  it('sees that the event loop was held up, and forgets it with the reading', async () => {
    // What is measured lies between two runs of the histogram's timer.
    for (let turn = 0; turn < 3; turn++) {
      holdTheLoopUp(60);
      await new Promise(setImmediate);
    }
    const seen = probe.read().loopDelayMs;
    expect(seen.max).toBeGreaterThan(30);
    expect(seen.mean).toBeGreaterThan(0);
    expect(seen.mean).toBeLessThanOrEqual(seen.max);
    expect(probe.read().loopDelayMs).toEqual({ mean: 0, max: 0 });
  });
});

function holdTheLoopUp(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
