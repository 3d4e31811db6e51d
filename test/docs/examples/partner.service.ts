import { Injectable } from '@nestjs/common';
import { SseConnectError, SseReceiverService, type SseSubscription } from 'nestjs-event-stream';

/** Where tokens come from. */
export abstract class Tokens {
  abstract fetch(): Promise<string>;
}

@Injectable()
export class PartnerService {
  #token: string | undefined;

  constructor(
    private readonly receiver: SseReceiverService,
    private readonly tokens: Tokens,
  ) {}

  follow(url: string): SseSubscription {
    return this.receiver.subscribe(url, {
      headers: async ({ lastError }) => {
        const isRefused = lastError instanceof SseConnectError && lastError.status === 401;
        if (isRefused) this.#token = undefined; // what is cached is worth nothing any more
        this.#token ??= await this.tokens.fetch();
        return { authorization: `Bearer ${this.#token}` };
      },
    });
  }
}
