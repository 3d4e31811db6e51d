import { Injectable } from '@nestjs/common';
import { SseReceiverService } from 'nestjs-event-stream';

@Injectable()
export class WatcherService {
  constructor(private readonly receiver: SseReceiverService) {}

  /** Follows a stream through every lost connection, and resumes after the last event that was seen. */
  async watch(url: string, see: (price: number) => void): Promise<void> {
    const subscription = this.receiver.subscribe(url, {
      headers: async () => ({ authorization: `Bearer ${await freshToken()}` }), // asked for each connection
      retry: { maxAttempts: 10 },
    });
    for await (const message of subscription) {
      const { price } = message.json<{ price: number }>();
      see(price);
      if (price >= 5) {
        await subscription.close();
      }
    }
  }
}

async function freshToken(): Promise<string> {
  return 'secret';
}
