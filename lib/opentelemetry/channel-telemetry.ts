import type { Attributes } from '@opentelemetry/api';
import type { ChannelObserver, SseChannels, SseGapReason } from '../channel/index.js';
import { CarriedCount } from './carried-count.js';
import { errorTypeOf } from './error-type.js';
import type { GivenName } from './given-name.js';
import type { Instruments } from './instruments.js';
import type { PublishSpans } from './publish-spans.js';
import { SdkGuard } from './sdk-guard.js';

/** Measures and traces the channels of one module. */
export class ChannelTelemetry implements ChannelObserver {
  readonly #instruments: Instruments;
  readonly #kinds: GivenName<string>;
  readonly #spans: PublishSpans;
  readonly #guard: SdkGuard;
  readonly #counts: readonly CarriedCount[];

  constructor(
    channels: SseChannels,
    instruments: Instruments,
    kinds: GivenName<string>,
    spans: PublishSpans,
    guard = new SdkGuard(),
  ) {
    this.#instruments = instruments;
    this.#kinds = kinds;
    this.#spans = spans;
    this.#guard = guard;
    const { sentMessages, forgottenMessages } = instruments;
    this.#counts = [
      new CarriedCount(sentMessages, () => channels.figures().delivered, { 'sse.message.origin': 'channel' }),
      new CarriedCount(forgottenMessages, () => channels.figures().forgotten.channel, { 'sse.bound': 'channel' }),
      new CarriedCount(forgottenMessages, () => channels.figures().forgotten.total, { 'sse.bound': 'total' }),
    ];
  }

  async publish(channel: string, publish: () => Promise<string>): Promise<string> {
    const startedAt = performance.now();
    const kind = channel === '' ? 'broadcast' : this.#kinds.of(channel);
    const attributes: Attributes = kind === undefined ? {} : { 'sse.channel.kind': kind };
    const { publishDuration, publishedMessages, publishFailures } = this.#instruments;
    try {
      const id = await this.#spans.around(kind, attributes, publish);
      this.#guard.run(() => {
        publishedMessages.add(1, attributes);
        publishDuration.record((performance.now() - startedAt) / 1000, attributes);
      });
      return id;
    } catch (error) {
      this.#guard.run(() => publishFailures.add(1, { ...attributes, 'error.type': errorTypeOf(error) }));
      throw error;
    }
  }

  flush(): ((readers: number) => void) | undefined {
    return this.#spans.flush();
  }

  gap(reason: SseGapReason): void {
    this.#guard.run(() => this.#instruments.gaps.add(1, { 'sse.gap.reason': reason }));
  }

  collect(): void {
    for (const count of this.#counts) count.carry();
  }
}
