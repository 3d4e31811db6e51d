import { type Attributes, context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { type DataPoint, type Histogram, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

/** Collects when it is asked. */
export class AskedReader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

/** What an application registers before it starts, in the memory of a test. */
export class TelemetrySdk {
  readonly #reader = new AskedReader();
  readonly #spans = new InMemorySpanExporter();
  readonly #meters = new MeterProvider({ readers: [this.#reader] });
  readonly #tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.#spans)] });

  static start(): TelemetrySdk {
    const sdk = new TelemetrySdk();
    metrics.setGlobalMeterProvider(sdk.#meters);
    trace.setGlobalTracerProvider(sdk.#tracers);
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    return sdk;
  }

  async stop(): Promise<void> {
    for (const api of [metrics, trace, context, propagation]) api.disable();
    await Promise.all([this.#meters.shutdown(), this.#tracers.shutdown()]);
  }

  /** The spans that have ended, by the beginning of their names. */
  spans(name = ''): ReadableSpan[] {
    return this.#spans.getFinishedSpans().filter((span) => span.name.startsWith(name));
  }

  /** The points of a metric that have these attributes, and any others. */
  async points(name: string, attributes: Attributes = {}): Promise<DataPoint<number | Histogram>[]> {
    const { resourceMetrics } = await this.#reader.collect();
    const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    const points = found.flatMap(({ descriptor, dataPoints }) =>
      descriptor.name === name ? (dataPoints as DataPoint<number | Histogram>[]) : [],
    );
    return points.filter((point) =>
      Object.entries(attributes).every(([key, value]) => point.attributes[key] === value),
    );
  }

  /** Their sum; for a histogram how many values it has. Undefined where there are none. */
  async sum(name: string, attributes: Attributes = {}): Promise<number | undefined> {
    const values = (await this.points(name, attributes)).map(({ value }) =>
      typeof value === 'number' ? value : value.count,
    );
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  }

  /** Every metric by its name, with the attributes that occur. */
  async names(): Promise<Map<string, Set<string>>> {
    const { resourceMetrics } = await this.#reader.collect();
    const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
    return new Map(
      all.map(({ descriptor, dataPoints }) => [
        descriptor.name,
        new Set(dataPoints.flatMap((point) => Object.keys(point.attributes))),
      ]),
    );
  }
}
