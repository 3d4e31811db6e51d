import type { EventEmitter } from 'node:events';
import { orAborted } from './persist.js';

/**
 * Waits for a client to have a connection. A client says `error` for each attempt that fails, and goes on trying: that is no
 * reason to give up, but worth telling if it was in vain.
 */
export class Readiness {
  readonly #client: EventEmitter;
  /** Shared: who waits for a connection may be many. */
  #ready: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(client: EventEmitter) {
    this.#client = client;
    // Without a listener a client writes each failure to the console, or throws it.
    client.on('error', this.#onError);
    client.on('ready', this.#onReady);
  }

  /** Listens to the client no more: it is somebody else's, and lives on. */
  leave(): void {
    this.#client.off('error', this.#onError);
    this.#client.off('ready', this.#onReady);
    this.#giveUp();
  }

  readonly #onError = (error: Error) => {
    this.#failure = error;
  };

  readonly #onReady = () => {
    this.#failure = undefined;
  };

  #giveUp = (): void => {};

  /** @throws Error when the signal is aborted or the client was closed, with what the last attempt has failed with */
  async wait(signal: AbortSignal): Promise<void> {
    this.#ready ??= this.#untilReady();
    try {
      await orAborted(this.#ready, signal);
    } catch (error) {
      const failure = this.#failure;
      throw failure ? new Error(`${(error as Error).message} ${failure.message}`, { cause: failure }) : error;
    }
  }

  #untilReady(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      const settle = (done: () => void) => () => {
        this.#ready = undefined;
        this.#client.off('ready', onReady);
        this.#client.off('end', onEnd);
        done();
      };
      const onReady = settle(resolve);
      const onEnd = settle(() => reject(new Error('The client was closed.')));
      this.#client.on('ready', onReady);
      this.#client.on('end', onEnd);
      this.#giveUp = onEnd;
    });
    // Whoever waited may have given up.
    ready.catch(() => {});
    return ready;
  }
}
