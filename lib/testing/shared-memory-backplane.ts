import type {
  BackplaneHistory,
  BackplaneReceiver,
  ChannelStart,
  OutgoingMessage,
  SseBackplane,
  SseBackplaneHealth,
} from '../channel/index.js';
import { SseOptionsError } from '../protocol/index.js';
import type { LogMember, SharedMemoryLog } from './shared-memory-log.js';

interface Started {
  readonly receiver: BackplaneReceiver;
  readonly history: BackplaneHistory;
}

/** One application on the log. What it is told comes later than what it asks, in order, as it would over a network. */
export class SharedMemoryBackplane implements SseBackplane, LogMember {
  readonly epoch: string;
  readonly keepsHistory = true;
  readonly #log: SharedMemoryLog;
  readonly #opened = new Set<string>();
  #started: Started | undefined;
  #told: Promise<void> = Promise.resolve();

  constructor(log: SharedMemoryLog) {
    this.#log = log;
    this.epoch = log.epoch;
  }

  start(receiver: BackplaneReceiver, history: BackplaneHistory): void {
    if (this.#started) {
      const problem = 'serves an application already: ask the SharedMemory for one for each, in useFactory';
      throw new SseOptionsError([{ option: 'backplane', problem }]);
    }
    this.#started = { receiver, history };
    this.#log.members.add(this);
    receiver.advanced(this.#log.seq);
  }

  async publish(message: OutgoingMessage): Promise<number> {
    const seq = this.#log.publish(message, this.#limitsOf(message.channel));
    await this.#told;
    return seq;
  }

  async open(channel: string): Promise<ChannelStart> {
    this.#opened.add(channel);
    const start = this.#log.startOf(channel);
    await this.#told;
    return start;
  }

  async sync(): Promise<void> {
    const { seq } = this.#log;
    this.tell((receiver) => receiver.advanced(seq));
    await this.#told;
  }

  release(channel: string): void {
    this.#opened.delete(channel);
  }

  async close(channel: string, tombstoneMs: number, final?: OutgoingMessage): Promise<number> {
    const seq = this.#log.close(channel, tombstoneMs, final, this.#limitsOf(channel));
    await this.#told;
    return seq;
  }

  async stop(): Promise<void> {
    this.#log.members.delete(this);
    await this.#told;
    this.#started = undefined;
    this.#opened.clear();
  }

  health(): SseBackplaneHealth {
    return this.#started ? { status: 'up' } : { status: 'down', reason: 'stopped' };
  }

  hears(channel: string): boolean {
    return this.#opened.has(channel);
  }

  tell(what: (receiver: BackplaneReceiver) => void): void {
    this.#told = this.#told.then(() => {
      if (this.#started) {
        what(this.#started.receiver);
      }
    });
  }

  #limitsOf(channel: string) {
    return this.#started!.history.limitsOf(channel);
  }
}
