/** What this room needs of a Redis client. An adapter for another one is written to this, and runs the same tests. */
export interface RedisLink {
  /** Whether a command can be sent now. */
  readonly isReady: boolean;
  /** Settles when a command can be sent; at once when it can now. Rejects when the signal is aborted, or the client was closed. */
  whenReady(signal: AbortSignal): Promise<void>;
  /**
   * Sends one command. Not queued while there is no connection: then, and when the connection ends before the reply, it
   * rejects. Replies are numbers, strings and arrays of them; an error of the server rejects with its text as the message.
   */
  send(command: readonly string[]): Promise<unknown>;
  /** Gives up a connection that does not answer, if it is not somebody else's; another one is made. */
  reconnect(): void;
  /** A connection of its own for subscriptions, which is made anew whenever it breaks. */
  subscriber(events: RedisSubscriberEvents): RedisSubscriber;
  /** Ends the connection, if it is not somebody else's. */
  close(): void;
}

/** What becomes of a connection for subscriptions. */
export interface RedisSubscriberEvents {
  /** It can be used, for the first time or again; after a break nothing may be taken as subscribed. */
  ready(): void;
  /** It broke. */
  down(reason: string): void;
  message(topic: string, payload: string): void;
}

/** A connection for subscriptions. Topics are compared exactly. */
export interface RedisSubscriber {
  /** Resolves when the server has confirmed all of them. */
  subscribe(topics: readonly string[]): Promise<void>;
  unsubscribe(topics: readonly string[]): Promise<void>;
  /** Gives up a connection on which nothing comes any more, and makes another one. */
  reconnect(): void;
  close(): void;
}
