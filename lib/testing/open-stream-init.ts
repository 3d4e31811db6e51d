/** What is requested, as `openStream()` takes it. */
export interface OpenStreamInit {
  /** Default `GET`, or `POST` with a body. */
  readonly method?: string;
  /** Added to, and instead of, those that are sent by default: `Accept`, and `Content-Type` with a body that is JSON. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A text or bytes, which are sent as they are, or anything else, which is sent as JSON. */
  readonly body?: unknown;
  /** What is sent as `Last-Event-ID`, as a client would that comes back. Default: none. */
  readonly lastEventId?: string;
  /** Leaves the stream when it is aborted. */
  readonly signal?: AbortSignal;
  /** Milliseconds of real time in which the response has to begin; 0 = for ever. Default 3000. */
  readonly timeoutMs?: number;
  /**
   * Whether to wait for the head of the response. `false` for a stream whose head is held until its first message
   * (`openAfterMs: 'first-message'`, or a handler that waits for what the test is yet to give): it is then there as soon as
   * its handler has been called, and has a `status` and `headers` once the first message has come. Default `true`.
   */
  readonly awaitHead?: boolean;
}
