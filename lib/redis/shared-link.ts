import type { RedisConnectionOptions } from './check-redis-options.js';
import type { RedisLink } from './redis-link.js';
import { toLink } from './to-link.js';

/** One for all that are given the same client: each listens to it, and a client warns of more than ten that do. */
const linksToClients = new WeakMap<object, Promise<RedisLink>>();

/**
 * A link for as long as somebody needs it. A connection of our own would keep the process alive, and nobody says when it is
 * the last time that a cursor is saved.
 */
export class SharedLink {
  readonly #options: RedisConnectionOptions;
  readonly #open: typeof toLink;
  #link: Promise<RedisLink> | undefined;
  #users = 0;

  constructor(options: RedisConnectionOptions, open: typeof toLink = toLink) {
    this.#options = options;
    this.#open = open;
  }

  /** Opens it for the first user. @returns called once, lets go of it */
  join(): () => void {
    this.#users += 1;
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      this.#users -= 1;
      // Later: who was the last one is often the next one.
      if (this.#users === 0) setImmediate(() => this.#closeUnused());
    };
  }

  /** Gives it to somebody who has joined. Rejects with what `toLink` does. */
  get(): Promise<RedisLink> {
    const { client } = this.#options;
    return client ? this.#linkTo(client) : this.#ownLink();
  }

  #linkTo(client: object): Promise<RedisLink> {
    const link = linksToClients.get(client) ?? this.#open(this.#options);
    linksToClients.set(client, link);
    return link;
  }

  #ownLink(): Promise<RedisLink> {
    this.#link ??= this.#open(this.#options).catch((error: unknown) => {
      this.#link = undefined;
      throw error;
    });
    return this.#link;
  }

  /** The link to somebody else's client stays: nothing of that would be closed, and others may use it. */
  #closeUnused(): void {
    if (this.#users > 0) return;
    const link = this.#link;
    this.#link = undefined;
    link?.then(
      (opened) => opened.close(),
      () => {},
    );
  }
}
