import { MAX_TIMER_MS } from './check-options.js';
import type { DecoderSettings } from './decoder-options.js';
import type { ReceivedMessage } from './received-message.js';

/** Calls the handlers of a decoder. What they throw is kept for later, so that the lines that follow are read all the same. */
export class DecoderHandlers {
  readonly errors: unknown[] = [];
  private readonly onMessage: DecoderSettings['onMessage'];
  private readonly onComment: DecoderSettings['onComment'];
  private readonly onRetry: DecoderSettings['onRetry'];
  private readonly onId: DecoderSettings['onId'];
  private readonly onSkip: DecoderSettings['onSkip'];

  constructor({ onMessage, onComment, onRetry, onId, onSkip }: DecoderSettings) {
    this.onMessage = onMessage;
    this.onComment = onComment;
    this.onRetry = onRetry;
    this.onId = onId;
    this.onSkip = onSkip;
  }

  get wantComments(): boolean {
    return this.onComment !== undefined;
  }

  get wantRetries(): boolean {
    return this.onRetry !== undefined;
  }

  message(message: ReceivedMessage): void {
    try {
      this.onMessage(message);
    } catch (error) {
      this.errors.push(error);
    }
  }

  comment(text: string): void {
    this.call(this.onComment, text);
  }

  /** ASCII digits only. */
  retry(digits: string): void {
    if (/^[0-9]+$/.test(digits)) this.call(this.onRetry, Math.min(Number(digits), MAX_TIMER_MS));
  }

  id(id: string): void {
    if (this.onId !== undefined) this.call(this.onId, id);
  }

  skip(): void {
    this.call(this.onSkip, undefined);
  }

  private call<T>(handler: ((value: T) => void) | undefined, value: T): void {
    try {
      handler?.(value);
    } catch (error) {
      this.errors.push(error);
    }
  }
}
