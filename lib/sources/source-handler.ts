import type { ReceivedMessage } from '../protocol/index.js';
import type { SseDeadLetters } from './dead-letters.js';
import type { SseEventContext, SseEventHandler } from './event-handler-options.js';
import type { EventMark } from './event-mark.js';

/** A method that `@OnSseEvent()` was found on, bound to its instance. */
export class SourceHandler {
  readonly source: string;
  readonly attempts: number;

  constructor(
    /** Class and method, as messages name them. */
    readonly name: string,
    private readonly instance: object,
    private readonly method: string,
    private readonly mark: EventMark,
    readonly onFailure: 'stop' | 'skip' | SseDeadLetters,
  ) {
    this.source = mark.source;
    this.attempts = mark.attempts ?? 3;
  }

  isFor({ event }: ReceivedMessage): boolean {
    return this.mark.events?.has(event) ?? true;
  }

  /** Looks the method up at each call: a test may have put a spy in its place. */
  async call(message: ReceivedMessage, attempt: number, signal: AbortSignal): Promise<void> {
    const event = this.mark.events && { event: message.event };
    const context: SseEventContext = { source: this.source, ...event, attempt, signal };
    await (this.instance as Record<string, SseEventHandler>)[this.method]?.(message, context);
  }
}
