import { SseOptionsError } from '../protocol/index.js';
import type { SseStreamInfo, StreamAuthority, StreamClaim, StreamWarrant } from '../pusher/index.js';
import { GuardOutage } from './guard-outage.js';
import { Reauthorization } from './reauthorization.js';
import type { ReauthorizeServices } from './reauthorize-services.js';

/** Serves the option `reauthorize` of all streams of a module. */
export class Reauthorizer implements StreamAuthority {
  readonly #services: ReauthorizeServices;
  /** Those that look after a stream. */
  readonly #running = new Set<Reauthorization>();

  constructor(parts: Omit<ReauthorizeServices, 'outage'>) {
    this.#services = { ...parts, outage: new GuardOutage() };
  }

  warrantFor(claim: StreamClaim): StreamWarrant {
    if (claim.reauthorize.guards && !claim.executionContext) {
      const problem = 'can only be asked about a route with @SseStream(), not about a stream of SsePusherFactory';
      throw new SseOptionsError([
        { option: 'reauthorize.guards', problem: `${problem}: give that one 'until', or false` },
      ]);
    }
    return new Reauthorization(this.#services, claim, this.#running);
  }

  check(chosen: (stream: SseStreamInfo) => boolean): void {
    for (const reauthorization of [...this.#running]) {
      if (reauthorization.stream && chosen(reauthorization.stream.info)) {
        reauthorization.checkNow();
      }
    }
  }
}
