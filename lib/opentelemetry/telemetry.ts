import type { BatchObservableResult, Meter, Tracer } from '@opentelemetry/api';
import type { SseChannels } from '../channel/index.js';
import type { PusherRuntime, SseStreamInfo } from '../pusher/index.js';
import type { SseReceiverService } from '../receiver/index.js';
import type { SourcesRuntime } from '../sources/index.js';
import { AttemptSpans } from './attempt-spans.js';
import { ChannelTelemetry } from './channel-telemetry.js';
import { GivenName } from './given-name.js';
import { HandlerTelemetry } from './handler-telemetry.js';
import { createInstruments, type Instruments } from './instruments.js';
import type { OpenTelemetryApi } from './load-api.js';
import type { SseOpenTelemetryOptions } from './opentelemetry-options.js';
import { PublishSpans } from './publish-spans.js';
import { ReceiverTelemetry } from './receiver-telemetry.js';
import { SdkGuard } from './sdk-guard.js';
import { StreamMetrics } from './stream-metrics.js';

const SCOPE = 'nestjs-event-stream';

/** Everything of an application that is measured and traced; of each kind there may be several, for so may `SseModule`. */
export class Telemetry {
  readonly #api: OpenTelemetryApi;
  readonly #options: SseOpenTelemetryOptions;
  readonly #meter: Meter;
  readonly #tracer: Tracer;
  readonly #instruments: Instruments;
  readonly #attempts: AttemptSpans;
  readonly #guard = new SdkGuard();
  readonly #streams: StreamMetrics[] = [];
  readonly #channels: SseChannels[] = [];
  readonly #published: ChannelTelemetry[] = [];
  readonly #receivers: ReceiverTelemetry[] = [];
  readonly #observe = (result: BatchObservableResult) => this.#collect(result);

  constructor(api: OpenTelemetryApi, options: SseOpenTelemetryOptions) {
    this.#api = api;
    this.#options = options;
    const { metrics = true, traces = true, propagate = true } = options;
    this.#meter = metrics ? api.metrics.getMeter(SCOPE) : api.createNoopMeter();
    this.#tracer = traces ? api.trace.getTracer(SCOPE) : new api.ProxyTracerProvider().getTracer(SCOPE);
    this.#instruments = createInstruments(this.#meter);
    this.#attempts = new AttemptSpans(api, this.#tracer, propagate);
    this.#meter.addBatchObservableCallback(this.#observe, this.#observables);
  }

  addStreams(runtime: PusherRuntime): void {
    const { route } = this.#options;
    const routes = route && new GivenName<SseStreamInfo>('route', route);
    this.#streams.push(new StreamMetrics(runtime, this.#instruments, routes, this.#guard));
  }

  addChannels(channels: SseChannels): void {
    const kinds = new GivenName<string>('channelKind', this.#options.channelKind);
    channels.observe((isAlone) => {
      const spans = new PublishSpans(this.#api, this.#tracer, isAlone, this.#guard);
      const telemetry = new ChannelTelemetry(channels, this.#instruments, kinds, spans, this.#guard);
      this.#published.push(telemetry);
      return telemetry;
    });
    this.#channels.push(channels);
  }

  addReceiver(receiver: SseReceiverService): void {
    receiver.observe(this.#addConnections(false));
  }

  addSources(sources: SourcesRuntime): void {
    const connections = this.#addConnections(true);
    sources.observe(
      connections,
      new HandlerTelemetry(this.#api, this.#tracer, this.#instruments, connections, this.#guard),
    );
  }

  /** Brings what was counted since the last collection to its counters; then nothing is asked any more. */
  stop(): void {
    this.#meter.removeBatchObservableCallback(this.#observe, this.#observables);
    this.#guard.run(() => this.#carry());
    for (const streams of this.#streams) streams.stop();
  }

  get #observables() {
    const { keptBytes, laggingSubscribers, lag, subscriptions, lastEventAge, backlog } = this.#instruments;
    return [keptBytes, laggingSubscribers, lag, subscriptions, lastEventAge, backlog];
  }

  #addConnections(keepsNames: boolean): ReceiverTelemetry {
    const telemetry = new ReceiverTelemetry(this.#instruments, this.#attempts, keepsNames, this.#guard);
    this.#receivers.push(telemetry);
    return telemetry;
  }

  #carry(): void {
    for (const part of [...this.#streams, ...this.#published, ...this.#receivers]) part.collect();
  }

  #collect(result: BatchObservableResult): void {
    this.#carry();
    const { keptBytes, laggingSubscribers, lag } = this.#instruments;
    const lags = this.#channels.map((channels) => channels.lag());
    result.observe(
      keptBytes,
      this.#channels.reduce((sum, channels) => sum + channels.figures().keptBytes, 0),
    );
    result.observe(
      laggingSubscribers,
      lags.reduce((sum, { subscribers }) => sum + subscribers, 0),
    );
    result.observe(
      lag,
      lags.reduce((most, { messages }) => Math.max(most, messages), 0),
    );
    for (const receiver of this.#receivers) receiver.observeNow(result);
  }
}
