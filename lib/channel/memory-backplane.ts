import { randomBytes } from 'node:crypto';
import type {
  BackplaneReceiver,
  ChannelEnd,
  ChannelStart,
  OutgoingMessage,
  SseBackplane,
  SseBackplaneHealth,
} from './backplane.js';
import { SseChannelError } from './channel.error.js';
import { TimeMarks } from './time-marks.js';
import { Tombstones } from './tombstones.js';

/** The backplane of a single process, and the default. */
export class MemoryBackplane implements SseBackplane {
  readonly epoch = randomBytes(6).toString('hex');
  readonly keepsHistory = false;
  readonly #marks = new TimeMarks();
  readonly #tombstones = new Tombstones();
  #receiver: BackplaneReceiver | undefined;
  #seq = 0;

  start(receiver: BackplaneReceiver): void {
    this.#receiver = receiver;
  }

  publish(message: OutgoingMessage): number {
    if (this.#tombstones.find(message.channel, performance.now())) {
      throw new SseChannelError(
        'closed',
        message.channel,
        'was closed, and takes no messages until its tombstone is gone',
      );
    }
    return this.#place(message);
  }

  open(channel: string, retentionMs: number): ChannelStart {
    const now = performance.now();
    const floor = this.#marks.positionBefore(now, retentionMs, this.#seq);
    return { floor, seq: this.#seq, messages: [], end: this.#tombstones.find(channel, now) };
  }

  /** Whoever publishes here delivers at once. */
  sync(): void {}

  release(): void {}

  close(channel: string, tombstoneMs: number, final?: OutgoingMessage): number {
    const now = performance.now();
    const earlier = this.#tombstones.find(channel, now);
    if (earlier) {
      return earlier.seq;
    }
    const end: ChannelEnd = { seq: final ? this.#place(final) : this.#seq, tombstoneMs };
    this.#tombstones.add(channel, end, now);
    this.#receiver?.closed(channel, end);
    return end.seq;
  }

  stop(): void {
    this.#receiver = undefined;
  }

  health(): SseBackplaneHealth {
    return this.#receiver ? { status: 'up' } : { status: 'down', reason: 'stopped' };
  }

  #place(message: OutgoingMessage): number {
    this.#marks.note(performance.now(), this.#seq);
    const seq = ++this.#seq;
    this.#receiver?.deliver({ channel: message.channel, body: message.body, key: message.key, seq });
    return seq;
  }
}
