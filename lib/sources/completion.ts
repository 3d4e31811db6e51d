import type { Subscribable } from 'rxjs';

/**
 * Waits for what a method has returned: a promise, an Observable (for its end, whatever it emits), or a promise of one.
 *
 * @returns nothing when there is nothing to wait for
 */
export function completionOf(result: unknown): Promise<void> | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  if (isPromise(result)) return Promise.resolve(result).then(completionOf);
  if (isSubscribable(result)) return ended(result);
  return undefined;
}

function ended(observable: Subscribable<unknown>): Promise<void> {
  return new Promise((resolve, reject) => {
    observable.subscribe({ next: () => {}, complete: resolve, error: reject });
  });
}

function isPromise(result: object): result is PromiseLike<unknown> {
  return 'then' in result && typeof result.then === 'function';
}

function isSubscribable(result: object): result is Subscribable<unknown> {
  return 'subscribe' in result && typeof result.subscribe === 'function';
}
