import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { deferred } from './deferred.js';

/** Holds an application that is closing at the point where its server still listens, until the test lets it go on. */
@Injectable()
export class ShutdownGate implements BeforeApplicationShutdown {
  readonly #reached = deferred();
  readonly #opened = deferred();

  /** Resolves when the application has begun to close. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  open(): void {
    this.#opened.resolve();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#reached.resolve();
    await this.#opened.promise;
  }
}
