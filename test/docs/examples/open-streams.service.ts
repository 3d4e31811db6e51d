import { Injectable } from '@nestjs/common';
import { SseStreamRegistry, type SseStreamReport } from 'nestjs-event-stream';

@Injectable()
export class OpenStreams {
  constructor(private readonly registry: SseStreamRegistry) {}

  /** All of them, a thousand at a time, so that nobody else has to wait. */
  async *all(): AsyncGenerator<SseStreamReport> {
    let page = this.registry.list();
    while (page.length > 0) {
      yield* page;
      await new Promise(setImmediate);
      page = this.registry.list({ after: page.at(-1)!.id });
    }
  }

  async behind(forMs: number): Promise<SseStreamReport[]> {
    const slow: SseStreamReport[] = [];
    for await (const stream of this.all()) {
      if (stream.lag && stream.lag.forMs > forMs) slow.push(stream);
    }
    return slow;
  }

  /** @returns how many streams the user had on this instance */
  signOut(user: string): Promise<number> {
    return this.registry.close({ keys: { user } }, { message: { event: 'signed-out', data: {} } });
  }
}
