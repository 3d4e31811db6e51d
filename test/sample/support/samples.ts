import type { MachineSample } from '../../../sample/src/machine/machine-sample.js';
import { SampleHistory } from '../../../sample/src/machine/sample-history.js';

export function sampleOf(id: number, previousId = id - 1, fields: Partial<MachineSample> = {}): MachineSample {
  return {
    id,
    previousId,
    at: id,
    cpuPercent: 10,
    memory: { usedBytes: 1, totalBytes: 4 },
    load: [1, 2, 3],
    loopDelayMs: { mean: 0.5, max: 2 },
    openStreams: 1,
    ...fields,
  };
}

/** A history that has seen the samples 101, 102, ... */
export function historyOf(count: number, capacity = 10): SampleHistory {
  const history = new SampleHistory(capacity, 100);
  for (let id = 101; id <= 100 + count; id++) history.append(sampleOf(id));
  return history;
}
