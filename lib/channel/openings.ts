import { Logger } from '@nestjs/common';
import { OutageLog } from '../pusher/internal.js';
import type { ChannelStart } from './backplane.js';
import type { ChannelLog } from './channel-log.js';
import { isOutage } from './outage.js';

interface Opening {
  readonly log: Promise<ChannelLog>;
  waiting: number;
  readonly early: ((log: ChannelLog) => void)[];
}

/** The channels that the backplane is being asked for. */
export class Openings {
  readonly #openings = new Map<string, Opening>();
  readonly #outages = new OutageLog(new Logger('SseChannels'), 'Channels can be opened again');

  get names(): string[] {
    return [...this.#openings.keys()];
  }

  /** @returns the log, with one more subscriber, if it is being asked for */
  join(name: string): Promise<ChannelLog> | undefined {
    const opening = this.#openings.get(name);
    if (opening) {
      opening.waiting++;
    }
    return opening?.log;
  }

  /**
   * @param enter makes the log, once it is known what is kept of the channel
   * @returns the log, with one subscriber and those who have joined
   */
  async begin(
    name: string,
    start: Promise<ChannelStart>,
    enter: (start: ChannelStart) => ChannelLog,
  ): Promise<ChannelLog> {
    const early: Opening['early'] = [];
    const log = start.then((from) => {
      const entered = enter(from);
      entered.subscribers += opening.waiting;
      for (const happened of early) {
        happened(entered);
      }
      return entered;
    });
    const opening = { log, waiting: 1, early };
    this.#openings.set(name, opening);
    try {
      await log;
      this.#outages.worked();
      return await log;
    } catch (error) {
      if (isOutage(error) && error.reason !== 'stopped') {
        this.#outages.failed(`Streams are turned away for now, for their channels cannot be opened: ${error.message}`);
      }
      throw error;
    } finally {
      this.#openings.delete(name);
    }
  }

  /** Something has become of a channel: if its log is still to come, it happens to that as soon as it is there. */
  once(name: string, happened: (log: ChannelLog) => void): void {
    this.#openings.get(name)?.early.push(happened);
  }
}
