/** Where an instance can be reached, once it can. */
export interface InstanceReport {
  readonly url: string;
}

/** Tells who has started this process, if somebody has; and ends with it. */
export function reportToCluster(url: string): void {
  if (!process.send) return;
  process.send({ url } satisfies InstanceReport);
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
