import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BackplaneHistory,
  type BackplaneReceiver,
  type ChannelStart,
  type OutgoingMessage,
  type SseBackplane,
  SseChannelError,
} from '../../../lib/index.js';
import type { SharedLog } from './shared-log.js';

/** One process on the log. Whatever it asks, and whatever it is told, takes some turns of the event loop, in order. */
export class SharedBackplane implements SseBackplane {
  readonly keepsHistory = true;
  readonly opened = new Set<string>();
  opens = 0;
  epoch = '';
  history: BackplaneHistory | undefined;
  syncs = 0;
  #receiver: BackplaneReceiver | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly log: SharedLog) {}

  async start(receiver: BackplaneReceiver, history: BackplaneHistory): Promise<void> {
    await nextTurn();
    this.#receiver = receiver;
    this.history = history;
    this.epoch = this.log.epoch;
    this.log.members.add(this);
    if (this.log.rupturedThrough > 0) {
      receiver.ruptured(this.log.rupturedThrough);
    }
  }

  /** Nothing is delivered any more. @returns delivers it all */
  hold(): () => void {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    this.#queue = this.#queue.then(() => held);
    return letGo;
  }

  publish(message: OutgoingMessage): Promise<number> {
    return this.#later(() => {
      this.#refuseEnded(message.channel);
      return this.log.place(message);
    });
  }

  open(channel: string): Promise<ChannelStart> {
    this.opens++;
    return this.#later(() => {
      if (this.log.failOpening) {
        throw this.log.failOpening;
      }
      this.opened.add(channel);
      const start = this.log.startOf(channel);
      return this.#queue.then(() => start);
    });
  }

  sync(): Promise<void> {
    this.syncs++;
    return this.#later(() => {
      const { seq } = this.log;
      return this.#inTurn((receiver) => receiver.advanced(seq));
    });
  }

  release(channel: string): Promise<void> {
    return this.#later(() => {
      this.opened.delete(channel);
    });
  }

  close(channel: string, tombstoneMs: number, final?: OutgoingMessage): Promise<number> {
    return this.#later(() => {
      const end = this.log.endOf(channel);
      if (end) {
        return end.seq;
      }
      if (final) {
        this.log.place(final);
      }
      return this.log.end(channel, tombstoneMs);
    });
  }

  async stop(): Promise<void> {
    this.log.members.delete(this);
    await this.#queue;
  }

  enqueue(channel: string, tell: (receiver: BackplaneReceiver) => void): void {
    if (this.opened.has(channel)) {
      void this.#inTurn(tell);
    }
  }

  ruptured(epoch: string, through: number): void {
    void this.#inTurn((receiver) => {
      this.epoch = epoch;
      receiver.ruptured(through);
    });
  }

  #inTurn(tell: (receiver: BackplaneReceiver) => void): Promise<void> {
    const told = this.#queue.then(async () => {
      await Promise.resolve();
      tell(this.#receiver!);
    });
    this.#queue = told;
    return told;
  }

  #refuseEnded(channel: string): void {
    if (this.log.endOf(channel)) {
      throw new SseChannelError('closed', channel, 'was closed');
    }
  }

  #later<T>(work: () => T | Promise<T>): Promise<T> {
    return nextTurn().then(work);
  }
}
