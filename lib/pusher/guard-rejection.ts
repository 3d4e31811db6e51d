/**
 * A promise whose rejection does no harm when nobody looks at it. Node ends the process for an unhandled rejection,
 * which is no fate for a server whose code has merely not awaited a push: such a rejection is reported instead.
 *
 * @param report called with the error if nobody has awaited the promise a turn of the event loop after it was rejected
 */
export function guardRejection<T>(promise: Promise<T>, report: (error: unknown) => void): Promise<T> {
  const guarded = new ObservedPromise<T>((resolve, reject) => promise.then(resolve, reject));
  Promise.prototype.then.call(guarded, undefined, (error) => {
    setImmediate(() => guarded.observed || report(error));
  });
  return guarded;
}

class ObservedPromise<T> extends Promise<T> {
  observed = false;

  /** What `then()` returns is an ordinary promise, whose rejections are its owner's. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: `await` calls it on a subclass of Promise, which is how it is noticed.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.observed = true;
    return super.then(onFulfilled, onRejected);
  }
}
