import type { IncomingHttpHeaders } from 'node:http';

/** A request that a fake source was sent. */
export interface FakeSourceRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** What it has as `Last-Event-ID`. */
  readonly lastEventId: string | undefined;
  readonly body: string;
}
