const SAMPLE_ID = /^[1-9]\d{0,15}$/;

/** Ids are times in milliseconds, made to grow even if the clock is set back: their order is the samples' order. */
export function nextSampleId(newestId: number, now: number): number {
  return Math.max(now, newestId + 1);
}

/** A client can send whatever it likes as its last id. @returns `undefined` for what was never an id of ours */
export function parseSampleId(text: string): number | undefined {
  const id = SAMPLE_ID.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : undefined;
}
