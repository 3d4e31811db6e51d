/** What the operating system and this process tell about one second. */
export interface MachineReading {
  /** Share of all cores' time that was not idle, 0 to 100. */
  readonly cpuPercent: number;
  readonly memory: { readonly usedBytes: number; readonly totalBytes: number };
  /** Load averages over 1, 5 and 15 minutes; zeros on Windows, which has none. */
  readonly load: readonly [number, number, number];
  /** How late timers of this process ran. */
  readonly loopDelayMs: { readonly mean: number; readonly max: number };
}

/** One reading as it is kept, and sent. */
export interface MachineSample extends MachineReading {
  readonly id: number;
  /** The id of the sample before this one, so that whoever reads can tell that nothing is missing. */
  readonly previousId: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Event streams that this process has open. */
  readonly openStreams: number;
}
