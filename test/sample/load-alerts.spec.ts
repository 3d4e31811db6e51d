import { describe, expect, it } from '@jest/globals';
import { from, lastValueFrom, toArray } from 'rxjs';
import { loadAlerts } from '../../sample/src/alerts/load-alerts.js';
import { sampleOf } from './support/samples.js';

function alertsOf(...cpuPercents: number[]) {
  const samples = cpuPercents.map((cpuPercent, n) => sampleOf(n + 1, n, { cpuPercent }));
  return lastValueFrom(loadAlerts(from(samples)).pipe(toArray()));
}

describe('loadAlerts', () => {
  it('speaks when the load crosses the threshold, once each way', async () => {
    expect(await alertsOf(10, 80, 95, 79, 85, 59, 70, 81)).toEqual([
      { event: 'cpu-high', data: { at: 2, cpuPercent: 80 } },
      { event: 'cpu-normal', data: { at: 6, cpuPercent: 59 } },
      { event: 'cpu-high', data: { at: 8, cpuPercent: 81 } },
    ]);
  });

  it('is quiet while there is nothing to say', async () => {
    expect(await alertsOf(0, 79, 60, 12)).toEqual([]);
  });
});
