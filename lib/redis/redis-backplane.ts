import { randomBytes } from 'node:crypto';
import {
  type BackplaneHistory,
  type BackplaneReceiver,
  type ChannelStart,
  type OutgoingMessage,
  type SseBackplane,
  SseBackplaneError,
  type SseBackplaneErrorReason,
  type SseBackplaneHealth,
} from '../channel/index.js';
import { SseOptionsError } from '../protocol/index.js';
import { withDeadline } from './deadline.js';
import { formatEntry } from './entry-text.js';
import { Feed } from './feed.js';
import { FeedStopped } from './feed-line.js';
import { FeedLog } from './feed-log.js';
import { LogReader } from './log-reader.js';
import { isRefusal } from './persist.js';
import { PublishQueue } from './publish-queue.js';
import { checkBackplaneOptions, type RedisBackplaneOptions } from './redis-backplane-options.js';
import { RedisKeys } from './redis-keys.js';
import type { RedisLink } from './redis-link.js';
import { toLink } from './to-link.js';

/** How often it is looked whether anything comes over a connection that is quiet, in milliseconds. */
const HEARTBEAT_MS = 10_000;

/** Milliseconds for which a stop waits for what is still to be sent. */
const FLUSH_MS = 2000;

/**
 * Joins the processes of an application through Redis 7: publish anywhere, be subscribed anywhere, come back to any of them.
 * For the module's option `backplane`. How much is kept, in Redis and in each process, is the module's option `history`.
 *
 * It serves one application at a time. Tests that run two of one module at once make it in `forRootAsync({ useFactory })`.
 *
 * A process that only publishes opens one connection; the first stream, or subscription of a channel, opens a second one.
 *
 * @throws SseOptionsError that names all that is wrong
 * @example
 * ```ts
 * SseModule.forRoot({ backplane: redisBackplane({ url: 'redis://localhost:6379' }) })
 * ```
 */
export function redisBackplane(options: RedisBackplaneOptions): SseBackplane {
  return new RedisBackplane(options);
}

class RedisBackplane implements SseBackplane {
  readonly keepsHistory = true;
  readonly #options: RedisBackplaneOptions;
  readonly #checked: ReturnType<typeof checkBackplaneOptions>;
  #epoch = '';
  #known = 0;
  #running: Running | undefined;
  #isTaken = false;

  constructor(options: RedisBackplaneOptions) {
    this.#checked = checkBackplaneOptions(options);
    this.#options = options;
  }

  get epoch(): string {
    return this.#running?.feed.isActive ? this.#running.feed.epoch : this.#epoch;
  }

  async start(receiver: BackplaneReceiver, history: BackplaneHistory): Promise<void> {
    if (this.#isTaken) {
      const problem =
        'serves an application already: make one for each, by redisBackplane() in the useFactory of forRootAsync()';
      throw new SseOptionsError([{ option: 'backplane', problem }]);
    }
    this.#isTaken = true;
    try {
      this.#running = await this.#run(await toLink(this.#options), receiver, history);
    } catch (error) {
      this.#isTaken = false;
      throw error;
    }
  }

  async #run(link: RedisLink, receiver: BackplaneReceiver, history: BackplaneHistory): Promise<Running> {
    const { prefix, publishTimeoutMs, maxPendingBytes } = this.#checked;
    const keys = new RedisKeys(prefix);
    const known = () => Math.max(this.#known, this.#running?.feed.position ?? 0);
    const reader = new LogReader(link, keys, known);
    try {
      const state = await this.#request('could not be reached, so the application does not start', (signal) =>
        reader.read([], undefined, signal),
      );
      this.#epoch = state.epoch;
      this.#known = state.head;
      receiver.ruptured(state.rupture);
      receiver.advanced(state.head);
      const id = randomBytes(9).toString('base64url');
      const feed = new Feed({ link, keys, reader, receiver, id, log: new FeedLog() }, state);
      const queue = new PublishQueue({ link, keys, timeoutMs: publishTimeoutMs, maxPendingBytes, known });
      const heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS);
      heartbeat.unref();
      return { link, reader, feed, queue, receiver, history, heartbeat };
    } catch (error) {
      link.close();
      throw error;
    }
  }

  publish(message: OutgoingMessage): Promise<number> {
    return this.#place(message.channel, message, undefined);
  }

  async close(channel: string, tombstoneMs: number, final?: OutgoingMessage): Promise<number> {
    const position = await this.#place(channel, final, tombstoneMs);
    const { feed } = this.#started;
    if (feed.follows(channel)) {
      await this.#quietSync(feed);
    }
    return position;
  }

  async open(channel: string): Promise<ChannelStart> {
    const { feed, history } = this.#started;
    const limits = history.limitsOf(channel);
    return this.#request('could not be asked for a channel', (signal) => feed.open(channel, limits, signal));
  }

  async release(channel: string): Promise<void> {
    await this.#running?.feed.release(channel);
  }

  async sync(): Promise<void> {
    const { feed } = this.#started;
    await this.#request('could not be asked how far it has come', (signal) => feed.sync(signal));
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running) {
      clearInterval(running.heartbeat);
      await running.queue.stop(FLUSH_MS);
      running.feed.stop();
      running.link.close();
      this.#epoch = this.epoch;
      this.#running = undefined;
      this.#isTaken = false;
    }
  }

  /** Asks over every connection that there is. */
  async health(signal: AbortSignal): Promise<SseBackplaneHealth> {
    if (!this.#running) {
      return { status: 'down', reason: 'stopped' };
    }
    const { link, feed, reader } = this.#running;
    try {
      await (feed.isActive ? feed.sync(signal) : reader.read([], undefined, signal));
      return { status: 'up' };
    } catch (error) {
      const isConnected = link.isReady && (!feed.isActive || feed.isConnected);
      const reason = signal.aborted && isConnected ? 'timeout' : reasonOf(error);
      return { status: reason === 'stopped' ? 'down' : 'degraded', reason };
    }
  }

  get #started(): Running {
    if (!this.#running) {
      throw new SseBackplaneError('stopped', 'has not started', false);
    }
    return this.#running;
  }

  async #place(
    channel: string,
    message: OutgoingMessage | undefined,
    tombstoneMs: number | undefined,
  ): Promise<number> {
    const { queue, feed, receiver, history } = this.#started;
    const limits = history.limitsOf(channel);
    const entry = message && formatEntry(message);
    const bytes = entry ? Buffer.byteLength(entry) : 0;
    const { position, epoch } = await queue.place({ channel, entry, bytes, limits, tombstoneMs });
    this.#known = Math.max(this.#known, position);
    if (feed.isActive) {
      if (epoch !== feed.epoch) {
        await this.#quietSync(feed);
      } else if (feed.follows(channel)) {
        await feed.reached(position, channel);
      }
    } else if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      receiver.ruptured(position - 1);
    }
    return position;
  }

  /** What was placed is placed, whether it was delivered here by now or not. */
  async #quietSync(feed: Feed): Promise<void> {
    await withDeadline(this.#checked.requestTimeoutMs, (signal) => feed.sync(signal)).catch(() => {});
  }

  async #request<T>(what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await withDeadline(this.#checked.requestTimeoutMs, work);
    } catch (cause) {
      const because = `${what} (${(cause as Error).message})`;
      throw new SseBackplaneError(reasonOf(cause), because, false, { cause });
    }
  }

  /** Keeps the positions of quiet streams fresh, and finds out about connections that are dead without anybody having said so. */
  async #beat(): Promise<void> {
    const { feed, link } = this.#started;
    if (!feed.isActive || !feed.isLive) {
      return;
    }
    try {
      await withDeadline(HEARTBEAT_MS, (signal) => feed.sync(signal));
    } catch {
      link.reconnect();
      feed.reconnect();
    }
  }
}

function reasonOf(error: unknown): SseBackplaneErrorReason {
  if (error instanceof FeedStopped) {
    return 'stopped';
  }
  return isRefusal(error) ? 'refused' : 'unreachable';
}

interface Running {
  readonly link: RedisLink;
  readonly reader: LogReader;
  readonly feed: Feed;
  readonly queue: PublishQueue;
  readonly receiver: BackplaneReceiver;
  readonly history: BackplaneHistory;
  readonly heartbeat: NodeJS.Timeout;
}
