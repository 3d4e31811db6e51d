import { Controller, type Type } from '@nestjs/common';
import { Pusher, type SsePusher, SseStream, type SseStreamOptions } from '../../../lib/index.js';

/** A controller that hands the pusher of each stream at `GET /stream` over to the test. */
export class HandedOver {
  readonly controller: Type;
  readonly #arrived: SsePusher[] = [];
  readonly #awaiting: ((pusher: SsePusher) => void)[] = [];

  constructor(options?: SseStreamOptions) {
    const arrive = (pusher: SsePusher) => this.#arrive(pusher);

    @Controller()
    class HandingOverController {
      @SseStream('stream', options)
      stream(@Pusher() pusher: SsePusher): void {
        arrive(pusher);
      }
    }
    this.controller = HandingOverController;
  }

  /** The pusher of the next stream that the test has not seen. */
  next(): Promise<SsePusher> {
    const pusher = this.#arrived.shift();
    return pusher ? Promise.resolve(pusher) : new Promise((resolve) => this.#awaiting.push(resolve));
  }

  #arrive(pusher: SsePusher): void {
    const awaiting = this.#awaiting.shift();
    if (awaiting) {
      awaiting(pusher);
    } else {
      this.#arrived.push(pusher);
    }
  }
}

/** What the signal of a pusher says of its end, once it has ended. */
export function reasonOf({ signal }: SsePusher): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(signal.reason);
    } else {
      signal.addEventListener('abort', () => resolve(signal.reason));
    }
  });
}
