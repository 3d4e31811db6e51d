import { type SseCursorStore, type SseReceiverOptions, SseReceiverService } from 'nestjs-event-stream';

/** Your database. */
export interface Orders {
  /** Does nothing when there is something under this key already. */
  insertOnce(key: string, order: unknown): Promise<void>;
}

export class OrderImport {
  constructor(
    private readonly receiver: SseReceiverService,
    private readonly cursorStore: SseCursorStore, // new FileCursorStore('/var/lib/shop/cursors')
    private readonly orders: Orders,
  ) {}

  /** Goes on where the last process stopped, however it did. Resolves when the server says that there is no more. */
  async run(url: string, options: SseReceiverOptions = {}): Promise<void> {
    const { cursorStore } = this;
    const orders = this.receiver.subscribe(url, { ...options, name: 'orders', cursorStore });
    try {
      await orders.process((message) => this.orders.insertOnce(message.lastEventId, message.json()));
    } finally {
      await orders.close(); // however it ended, the cursor is saved
    }
  }
}
