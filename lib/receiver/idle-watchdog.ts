const UNARMED_MS = 300_000;
const ARMED_MIN_MS = 45_000;
const MISSED_INTERVALS = 3;
/** A comment that broke no silence is a greeting, or came along with other traffic: it shows no rhythm of pings. */
const SILENCE_MS = 1_000;

/**
 * Tells when a connection has been silent for too long: half-open sockets never report anything by themselves.
 *
 * How long is too long is learnt from the server, anew on each connection: once a ping has broken a silence, three
 * times the longest silence seen so far, at least 45 s; before that 5 min. Any byte ends a silence. While the consumer
 * holds the stream up nothing can arrive, so the watchdog rests.
 */
export class IdleWatchdog {
  private timer: NodeJS.Timeout | undefined;
  private lastBytesAt = 0;
  private silenceMs = 0;
  private longestSilenceMs = 0;
  private limitMs: number;
  private watching = false;

  /**
   * @param fixedMs a limit in milliseconds to use instead of the learnt one; 0 never tells anything
   * @param onIdle called once, with the limit that was passed
   */
  constructor(
    private readonly fixedMs: number | undefined,
    private readonly onIdle: (limitMs: number) => void,
  ) {
    this.limitMs = fixedMs ?? UNARMED_MS;
  }

  /** Begins to watch, or goes on after {@link stop}: the silence is counted from now. */
  start(): void {
    if (this.limitMs === 0 || this.watching) {
      return;
    }
    this.watching = true;
    this.lastBytesAt = performance.now();
    this.check();
  }

  /** Rests until {@link start}. */
  stop(): void {
    this.watching = false;
    clearTimeout(this.timer);
  }

  /** Any bytes have arrived. To be called before what they contain is told with {@link sawPing}. */
  sawBytes(): void {
    const now = performance.now();
    this.silenceMs = now - this.lastBytesAt;
    this.lastBytesAt = now;
    this.longestSilenceMs = Math.max(this.longestSilenceMs, this.silenceMs);
  }

  /** The bytes that arrived last held something that servers send to show that they live. */
  sawPing(): void {
    if (this.fixedMs !== undefined || this.silenceMs < SILENCE_MS || !this.watching) {
      return;
    }
    this.limitMs = Math.max(ARMED_MIN_MS, MISSED_INTERVALS * this.longestSilenceMs);
    this.check();
  }

  /** Bytes only leave a time stamp; the timer looks at it when it fires, and waits for what is left. */
  private check(): void {
    clearTimeout(this.timer);
    const left = this.lastBytesAt + this.limitMs - performance.now();
    if (left > 0) {
      this.timer = setTimeout(() => this.check(), Math.ceil(left));
      return;
    }
    this.stop();
    this.onIdle(this.limitMs);
  }
}
