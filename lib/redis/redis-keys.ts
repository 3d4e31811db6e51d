/**
 * The names under which the backplane keeps things. All of them begin with the prefix as a hash tag, so that they live on one
 * node of a cluster and one script may use them together. A channel's name stands last and as it is: Redis compares keys
 * byte by byte, so two names never share a key.
 */
export class RedisKeys {
  readonly state: string;
  readonly marks: string;
  /** Where all listening processes are told that the log has lost something. */
  readonly control: string;
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = `{${prefix}}`;
    this.state = `${this.#prefix}:state`;
    this.marks = `${this.#prefix}:marks`;
    this.control = `${this.#prefix}:control`;
  }

  /** The stream of a channel's messages, and the Pub/Sub channel on which they are announced. */
  channel(name: string): string {
    return `${this.#prefix}:c:${name}`;
  }

  /** What a process has published last. */
  producer(id: string): string {
    return `${this.#prefix}:p:${id}`;
  }

  /** Where one process hears how far the log has come. */
  inbox(id: string): string {
    return `${this.#prefix}:i:${id}`;
  }

  /** The cursor of a source. */
  cursor(source: string): string {
    return `${this.#prefix}:s:${source}`;
  }

  /** A ticket, a session, or a revocation. */
  ticket(key: string): string {
    return `${this.#prefix}:t:${key}`;
  }

  /** Which instance holds a source. */
  lease(source: string): string {
    return `${this.#prefix}:l:${source}`;
  }
}
