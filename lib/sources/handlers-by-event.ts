import type { SourceHandler } from './source-handler.js';

/** The handlers of one source, by event. Knows only what the decorators name: the server may think up any event. */
export class HandlersByEvent {
  private readonly named: ReadonlyMap<string, readonly SourceHandler[]>;
  private readonly ofEvery: readonly SourceHandler[];

  constructor(handlers: readonly SourceHandler[]) {
    const events = new Set(handlers.flatMap((handler) => [...(handler.events ?? [])]));
    const isFor = (event: string) => handlers.filter((handler) => handler.events?.has(event) ?? true);
    this.named = new Map([...events].map((event) => [event, isFor(event)]));
    this.ofEvery = handlers.filter((handler) => !handler.events);
  }

  /** In the order in which they were found. */
  of(event: string): readonly SourceHandler[] {
    return this.named.get(event) ?? this.ofEvery;
  }
}
