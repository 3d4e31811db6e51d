import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { checkReceiverOptions } from './check-receiver-options.js';
import type { SseReceiverOptions } from './receiver-options.js';
import type { ReceiverSettings } from './receiver-settings.js';
import { SseSubscription } from './subscription.js';
import { UndiciTransport } from './undici-transport.js';

/**
 * Follows other servers' event streams. Works in a Nest application, whose shutdown closes every subscription, and
 * without one: `new SseReceiverService()`.
 */
@Injectable()
export class SseReceiverService implements OnModuleDestroy {
  /** Weakly, for a subscription that is idle needs no closing to be forgotten. */
  private readonly subscriptions = new Set<WeakRef<SseSubscription>>();
  private readonly forgotten = new FinalizationRegistry<() => void>((letGo) => letGo());
  private destroyed = false;

  /**
   * Prepares to follow a stream; the connection is made when the subscription is first consumed. After the application
   * was shut down, the subscription is closed from the beginning.
   *
   * @param url of http or https; credentials in it are sent as basic authorization, and never shown
   * @throws SseOptionsError naming everything that is wrong with the URL and the options
   * @example
   * const orders = receiver.subscribe('https://example.com/orders', {
   *   headers: async () => ({ authorization: `Bearer ${await token()}` }),
   * });
   * await orders.process(async (message) => save(message.json()));
   */
  subscribe(url: string | URL, options: SseReceiverOptions = {}): SseSubscription {
    const settings = checkReceiverOptions(url, options);
    const { tls, dispatcher } = settings;
    const transport = new UndiciTransport({ origin: settings.url.origin, tls, dispatcher });
    let letGo = () => {};
    const subscription = new SseSubscription(settings, transport, () => letGo());
    const ref = new WeakRef(subscription);
    const stopListening = closeOnAbort(ref, settings);
    this.subscriptions.add(ref);
    letGo = () => {
      stopListening();
      this.subscriptions.delete(ref);
    };
    this.forgotten.register(subscription, letGo);
    if (this.destroyed || settings.signal?.aborted) void subscription.close();
    return subscription;
  }

  /** Closes every subscription. Called by Nest when the application shuts down. */
  async onModuleDestroy(): Promise<void> {
    this.destroyed = true;
    await Promise.all([...this.subscriptions].map((ref) => ref.deref()?.close()));
  }
}

/** A signal may live as long as the process does: it must not keep a subscription alive that nobody uses any more. */
function closeOnAbort(ref: WeakRef<SseSubscription>, { signal }: ReceiverSettings): () => void {
  const close = () => void ref.deref()?.close();
  signal?.addEventListener('abort', close, { once: true });
  return () => signal?.removeEventListener('abort', close);
}
