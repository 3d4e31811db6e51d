/**
 * Keeps tickets, and the sessions that they become, for all instances of an application. It never sees a ticket: keys are
 * hashes, values are texts that hold the claims, and each may be forgotten once its time is over.
 *
 * What it cannot do it says by a rejection, and never by `undefined`: then streams are turned away such that they come back,
 * rather than refused for good.
 */
export interface SseTicketStore {
  /** Keeps a value for `ttlMs` whole milliseconds, instead of the one that there was. It is safe when the promise resolves. */
  put(key: string, value: string, ttlMs: number): Promise<void>;
  /** Gives what is kept, and keeps it. */
  get(key: string): Promise<string | undefined>;
  /** Gives what is kept, and forgets it. Of all that ask at once, on whatever instances, one gets it: this must be atomic. */
  take(key: string): Promise<string | undefined>;
  /** The application has ended: a store may let go of what it holds open. */
  close?(): void | Promise<void>;
}
