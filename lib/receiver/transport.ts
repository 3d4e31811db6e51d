import type { IncomingHttpHeaders } from 'node:http';

/** One HTTP request. */
export interface TransportRequest {
  readonly url: URL;
  readonly method: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body?: string | Uint8Array;
  /** Whether the server chose the origin, by a redirect: it must not learn who the caller is. */
  readonly isForeign?: boolean;
}

/** What becomes of a request. Nothing is told after `onEnd`, `onError` or {@link Exchange.abort}. */
export interface ExchangeEvents {
  /** A connection is there and the request goes out. */
  onSent(): void;
  /** The final response's status and headers. */
  onResponse(status: number, headers: IncomingHttpHeaders): void;
  onData(chunk: Uint8Array): void;
  onEnd(): void;
  onError(error: Error): void;
}

/** A request under way. */
export interface Exchange {
  /** Lets no more data arrive, but for what is on its way already: one more chunk. */
  pause(): void;
  resume(): void;
  /** Ends it in whatever phase it is, with nothing left behind. Resolves when its socket is gone. */
  abort(): Promise<void>;
}

/** Makes HTTP requests whose responses never have to end. */
export interface Transport {
  /** Begins a request. Never throws: failures are told by `onError`. */
  send(request: TransportRequest, events: ExchangeEvents): Exchange;
}
