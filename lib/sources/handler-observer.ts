/** Told of every call of a method with `@OnSseEvent()`, for metrics and traces. */
export interface HandlerObserver {
  /**
   * Stands around one call: gives back, or throws, what it does.
   *
   * @param call has to be called at once; gives nothing when the method has finished
   */
  handle(handling: Handling, call: () => Promise<void> | undefined): Promise<void> | undefined;
}

/** A method and what it is called for. */
export interface Handling {
  readonly source: string;
  /** Class and method. */
  readonly handler: string;
  /** 1 for the first call with a message. */
  readonly attempt: number;
}
