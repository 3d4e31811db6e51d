import { completionOf } from './completion.js';
import type { SseDeadLetters } from './dead-letters.js';
import type { Delivery } from './delivery.js';
import { EventContext } from './event-context.js';
import type { SseEventHandler } from './event-handler-options.js';
import type { EventMark } from './event-mark.js';
import type { HandlerObserver } from './handler-observer.js';

/** A method that `@OnSseEvent()` was found on, bound to its instance. */
export class SourceHandler {
  readonly source: string;
  readonly attempts: number;
  /** Absent for every event. */
  readonly events: ReadonlySet<string> | undefined;
  observer: HandlerObserver | undefined;

  constructor(
    /** Class and method, as messages name them. */
    readonly name: string,
    private readonly instance: object,
    private readonly method: string,
    mark: EventMark,
    readonly onFailure: 'stop' | 'skip' | SseDeadLetters,
  ) {
    this.source = mark.source;
    this.attempts = mark.attempts ?? 3;
    this.events = mark.events;
  }

  /**
   * Looks the method up at each call: a test may have put a spy in its place.
   *
   * @returns nothing when the method has finished
   */
  call(delivery: Delivery, attempt: number): Promise<void> | undefined {
    const { observer, source, name } = this;
    return observer
      ? observer.handle({ source, handler: name, attempt }, () => this.callMethod(delivery, attempt))
      : this.callMethod(delivery, attempt);
  }

  private callMethod(delivery: Delivery, attempt: number): Promise<void> | undefined {
    const { message } = delivery;
    const context = new EventContext(this.source, this.events && message.event, attempt, delivery);
    return completionOf((this.instance as Record<string, SseEventHandler>)[this.method]?.(message, context));
  }
}
