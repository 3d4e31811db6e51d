import { type ReceivedMessage, SseDecoder } from '../protocol/index.js';
import { callListener } from './call-listener.js';
import { ChunkGatherer } from './chunk-gatherer.js';
import { IdleWatchdog } from './idle-watchdog.js';
import type { ReceiverSettings } from './receiver-settings.js';

/**
 * What a stream tells while it is open. Functions and not methods, so that they are handed on as they are: with many quiet
 * streams each function on a message's way costs more than its work, for it is in no cache.
 */
export interface StreamEvents {
  readonly onMessage: (message: ReceivedMessage) => void;
  readonly onComment: (comment: string) => void;
  readonly onRetry: (delayMs: number) => void;
  /**
   * A chunk has been decoded.
   *
   * @param lastEventId where the stream stands after it: an id can come without a message
   * @param hadMessage whether there was a message in it
   * @returns whether the stream must be held up until it is resumed
   */
  readonly onChunkDone: (lastEventId: string, hadMessage: boolean) => boolean;
}

/** What only the connection that the stream belongs to wants to know. */
export interface OpenStreamEvents extends StreamEvents {
  /** Nothing more should arrive until {@link OpenStream.resume}. */
  onHold(): void;
  onTimeout(reason: string): void;
  onLifetimeOver(reason: string): void;
  onUndecodable(error: Error): void;
}

/** Servers name events so when they ping with whole messages. */
const PING_EVENT = 'ping';
/** The part of a connection's lifetime that is left to chance: clients that came together shall not go together. */
const LIFETIME_SPREAD = 0.2;

/** The body of a response that is an event stream: decodes it, and watches how long it is silent and how long it lasts. */
export class OpenStream {
  private over = false;
  private held = false;
  private hadMessage = false;
  private lifetime: NodeJS.Timeout | undefined;
  private readonly watchdog: IdleWatchdog;
  private readonly decoder: SseDecoder;
  private readonly gatherer = new ChunkGatherer((bytes) => this.decode(bytes));

  /** Takes a chunk of the body. */
  readonly add = (chunk: Uint8Array): void => this.gatherer.add(chunk);

  constructor(
    private readonly settings: ReceiverSettings,
    lastEventId: string,
    private readonly events: OpenStreamEvents,
  ) {
    const { idleTimeoutMs, maxMessageBytes, maxIdBytes, oversize, onSkip } = settings;
    this.watchdog = new IdleWatchdog(idleTimeoutMs, (ms) => events.onTimeout(`was silent for ${ms} ms`));
    this.decoder = new SseDecoder({
      lastEventId,
      maxMessageBytes,
      maxIdBytes,
      oversize,
      onSkip: onSkip && (() => callListener(onSkip, undefined, events.onUndecodable)),
      onMessage: (message) => {
        this.hadMessage = true;
        if (message.event === PING_EVENT) this.watchdog.sawPing();
        events.onMessage(message);
      },
      onComment: (comment) => {
        this.watchdog.sawPing();
        events.onComment(comment);
      },
      onRetry: events.onRetry,
    });
  }

  /** The response's head is there. */
  begin(): void {
    this.watchdog.start();
    const { maxLifetimeMs } = this.settings;
    if (maxLifetimeMs === 0) return;
    const lifetimeMs = Math.round(maxLifetimeMs * (1 - LIFETIME_SPREAD * Math.random()));
    this.lifetime = setTimeout(() => this.events.onLifetimeOver(`has lasted for ${lifetimeMs} ms`), lifetimeMs);
  }

  /** Decodes what has arrived: before something is said that must come after it. */
  flush(): void {
    this.gatherer.flush();
  }

  /** @returns whether it was held up */
  resume(): boolean {
    const wasHeld = this.held;
    this.held = false;
    if (wasHeld) this.watchdog.start();
    return wasHeld;
  }

  /** Tells nothing any more, not even what has arrived already. */
  stop(): void {
    this.over = true;
    clearTimeout(this.lifetime);
    this.watchdog.stop();
    this.decoder.stop();
  }

  private decode(bytes: Uint8Array): void {
    if (this.over) return;
    this.watchdog.sawBytes();
    this.hadMessage = false;
    try {
      this.decoder.push(bytes);
    } catch (error) {
      this.events.onUndecodable(error as Error);
    }
    if (!this.over && this.events.onChunkDone(this.decoder.lastEventId, this.hadMessage)) {
      this.held = true;
      this.watchdog.stop();
      this.events.onHold();
    }
  }
}
