import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { callListener } from './call-listener.js';
import { checkReceiverOptions } from './check-receiver-options.js';
import { DecompressingTransport } from './decompressing-transport.js';
import type { ReceiverObserver } from './receiver-observer.js';
import type { SseReceiverOptions, SseUrlFactory } from './receiver-options.js';
import type { ReceiverSettings } from './receiver-settings.js';
import { SseSubscription } from './subscription.js';
import type { Transport } from './transport.js';
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
  private readonly logger = new Logger(SseReceiverService.name);
  private destroyed = false;
  private observer: ReceiverObserver | undefined;

  /**
   * Prepares to follow a stream; the connection is made when the subscription is first consumed. After the application
   * was shut down, the subscription is closed from the beginning.
   *
   * @param url of http or https, or a (possibly asynchronous) function that gives it for each connection; credentials in
   *   it are sent as basic authorization, and never shown
   * @throws SseOptionsError naming everything that is wrong with the URL and the options
   * @example
   * const orders = receiver.subscribe('https://example.com/orders', {
   *   headers: async () => ({ authorization: `Bearer ${await token()}` }),
   * });
   * await orders.process(async (message) => save(message.json()));
   */
  subscribe(url: string | URL | SseUrlFactory, options: SseReceiverOptions = {}): SseSubscription {
    const settings = checkReceiverOptions(url, options);
    let letGo = () => {};
    const subscription = new SseSubscription(settings, {
      transport: transportFor(settings),
      onClosed: () => letGo(),
      onCursorHeld: (cursor) => this.logCursorHeld(settings.name, cursor),
      onCursorTrouble: (error, isLast) => this.logCursorTrouble(settings.name, error, isLast),
    });
    if (this.observer) subscription.observe(this.observer);
    const ref = new WeakRef(subscription);
    const stopListening = closeOnAbort(ref, settings);
    this.subscriptions.add(ref);
    letGo = () => {
      stopListening();
      this.subscriptions.delete(ref);
      this.releaseCursor(settings);
    };
    this.forgotten.register(subscription, letGo);
    if (this.destroyed || settings.signal?.aborted) void subscription.close();
    return subscription;
  }

  /** @internal Has somebody told of all subscriptions, those that there are already among them. */
  observe(observer: ReceiverObserver): void {
    this.observer = observer;
    for (const ref of this.subscriptions) ref.deref()?.observe(observer);
  }

  /** Closes every subscription. Called by Nest when the application shuts down. */
  async onModuleDestroy(): Promise<void> {
    this.destroyed = true;
    await Promise.all([...this.subscriptions].map((ref) => ref.deref()?.close()));
  }

  private releaseCursor({ cursorStore, name = '' }: ReceiverSettings): void {
    if (!cursorStore?.release) return;
    callListener(cursorStore.release.bind(cursorStore), name, (error) =>
      this.logger.error(`The cursor store could not release ${JSON.stringify(name)}: ${error.message}`),
    );
  }

  private logCursorHeld(name: string | undefined, cursor: string): void {
    const what = `A consumer of ${JSON.stringify(name)} has left a message unfinished while others go on`;
    this.logger.warn(`${what}; the saved cursor stays at ${JSON.stringify(cursor)} until all have left`);
  }

  private logCursorTrouble(name: string | undefined, error: unknown, isLast: boolean): void {
    const what = `The cursor of ${JSON.stringify(name)} could not be saved`;
    const then = isLast ? 'what was finished since the last save will come again' : 'it is tried again';
    this.logger.error(`${what}; ${then}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function transportFor({ tls, dispatcher, decompress }: ReceiverSettings): Transport {
  const transport = new UndiciTransport({ tls, dispatcher });
  return decompress ? new DecompressingTransport(transport) : transport;
}

/** A signal may live as long as the process does: it must not keep a subscription alive that nobody uses any more. */
function closeOnAbort(ref: WeakRef<SseSubscription>, { signal }: ReceiverSettings): () => void {
  const close = () => void ref.deref()?.close();
  signal?.addEventListener('abort', close, { once: true });
  return () => signal?.removeEventListener('abort', close);
}
