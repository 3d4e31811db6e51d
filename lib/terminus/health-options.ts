/** What `SseHealthIndicator.check()` looks at, and how it is told. */
export interface SseHealthOptions {
  /** Whether the backplane is looked at. Default true. */
  readonly backplane?: boolean;
  /** The names of the sources to look at. Default: all that the application has. */
  readonly sources?: readonly string[];
  /**
   * What is told when something is degraded, a backplane that is cut off or a source that is not connected: `up` passes the
   * check (Terminus 12.1 and later have the status `degraded` for that, with HTTP status 200), `down` fails it. Default `up`.
   */
  readonly degraded?: 'up' | 'down';
  /** Milliseconds after which a backplane that does not answer is degraded. Default 500. */
  readonly timeoutMs?: number;
}
