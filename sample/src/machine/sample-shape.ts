import type { MachineSample } from './machine-sample.js';

/** Whether something that was read from a file has the shape of a sample. */
export function isKeptSample(value: unknown): value is MachineSample {
  const sample = value as MachineSample | null | undefined;
  return (
    typeof sample === 'object' &&
    [
      sample?.id,
      sample?.previousId,
      sample?.at,
      sample?.openStreams,
      sample?.cpuPercent,
      sample?.memory?.usedBytes,
      sample?.memory?.totalBytes,
      sample?.load?.[0],
      sample?.load?.[1],
      sample?.load?.[2],
      sample?.loopDelayMs?.mean,
      sample?.loopDelayMs?.max,
    ].every(Number.isFinite)
  );
}
