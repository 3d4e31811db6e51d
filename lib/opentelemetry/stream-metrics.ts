import type { Attributes } from '@opentelemetry/api';
import type { PusherRuntime, SseCloseReason, SseRefusalReason, SseStreamInfo } from '../pusher/index.js';
import { CarriedCount } from './carried-count.js';
import type { GivenName } from './given-name.js';
import type { Instruments } from './instruments.js';
import { SdkGuard } from './sdk-guard.js';

/** What OpenTelemetry says instead of a value that would be one of too many. */
const OTHER = '_OTHER';

interface Opened {
  readonly at: number;
  readonly attributes: Attributes;
}

/** Measures the streams of one module, one by one only as they come and go. */
export class StreamMetrics {
  /** By number: whoever keeps the streams themselves may keep them for too long. */
  readonly #open = new Map<number, Opened>();
  readonly #instruments: Instruments;
  readonly #routes: GivenName<SseStreamInfo> | undefined;
  readonly #counts: readonly CarriedCount[];
  readonly #stopWatching: () => void;

  constructor(
    { ledger, services }: PusherRuntime,
    instruments: Instruments,
    routes?: GivenName<SseStreamInfo>,
    guard = new SdkGuard(),
  ) {
    this.#instruments = instruments;
    this.#routes = routes;
    const { traffic } = services;
    const { sentBytes, sentMessages, pings } = instruments;
    this.#counts = [
      new CarriedCount(sentBytes, () => traffic.bytes),
      new CarriedCount(sentMessages, () => traffic.messages, { 'sse.message.origin': 'push' }),
      new CarriedCount(pings, () => traffic.pings),
    ];
    this.#stopWatching = ledger.watch({
      opened: ({ info }) => guard.run(() => this.#opened(info)),
      closed: ({ info }, reason) => guard.run(() => this.#closed(info, reason)),
      refused: (info, reason) => guard.run(() => this.#refused(info, reason)),
    });
  }

  collect(): void {
    for (const count of this.#counts) count.carry();
  }

  stop(): void {
    this.#stopWatching();
  }

  #opened(info: SseStreamInfo): void {
    const attributes = { 'sse.route': this.#routeOf(info) };
    this.#open.set(info.streamId, { at: performance.now(), attributes });
    this.#instruments.openedStreams.add(1, attributes);
    this.#instruments.activeStreams.add(1, attributes);
  }

  #closed({ streamId }: SseStreamInfo, reason: SseCloseReason): void {
    const opened = this.#open.get(streamId);
    if (!opened) return; // before anybody looked
    this.#open.delete(streamId);
    const attributes = { ...opened.attributes, 'sse.close.reason': reason };
    this.#instruments.activeStreams.add(-1, opened.attributes);
    this.#instruments.closedStreams.add(1, attributes);
    this.#instruments.streamDuration.record((performance.now() - opened.at) / 1000, attributes);
  }

  #refused(info: SseStreamInfo, reason: SseRefusalReason): void {
    const attributes = { 'sse.route': this.#routeOf(info), 'sse.refusal.reason': reason };
    this.#instruments.refusedStreams.add(1, attributes);
  }

  /** The path of a stream without a decorated method may hold ids, and whatever else somebody asks for. */
  #routeOf(info: SseStreamInfo): string {
    const usual = info.executionContext ? info.route : OTHER;
    return this.#routes ? (this.#routes.of(info) ?? OTHER) : usual;
  }
}
