import type { Attributes, Link, Span, Tracer } from '@opentelemetry/api';
import { errorTypeOf } from './error-type.js';
import type { OpenTelemetryApi } from './load-api.js';
import { SdkGuard } from './sdk-guard.js';

/** More links than this are dropped by the SDK, unless it is told otherwise. */
const MOST_LINKS = 128;

/**
 * A span around each `publish()`, and one around the delivery of all that was published in a turn, which links to those:
 * one for each stream would be far too many.
 */
export class PublishSpans {
  readonly #api: OpenTelemetryApi;
  readonly #tracer: Tracer;
  readonly #linksDeliveries: boolean;
  readonly #guard: SdkGuard;
  /** Of messages that are not delivered yet. */
  readonly #undelivered = new Set<Span>();

  /**
   * @param linksDeliveries whether what is published next is delivered next. Over a backplane of several processes it is not:
   * it comes back, or comes from others, some time, and does not bring its span along
   */
  constructor(api: OpenTelemetryApi, tracer: Tracer, linksDeliveries: boolean, guard = new SdkGuard()) {
    this.#api = api;
    this.#tracer = tracer;
    this.#linksDeliveries = linksDeliveries;
    this.#guard = guard;
  }

  async around(kind: string | undefined, attributes: Attributes, publish: () => Promise<string>): Promise<string> {
    const { context, trace } = this.#api;
    const span = this.#guard.run(() => this.#begin(kind, attributes));
    if (!span) return publish();
    try {
      return await context.with(trace.setSpan(context.active(), span), publish);
    } catch (error) {
      this.#undelivered.delete(span);
      this.#guard.run(() => this.#fail(span, error));
      throw error;
    } finally {
      this.#guard.run(() => span.end());
    }
  }

  /** @returns ends the delivery, of which nobody is told if nobody has recorded the publishing */
  flush(): ((readers: number) => void) | undefined {
    if (this.#undelivered.size === 0) return undefined;
    const span = this.#guard.run(() => this.#beginDelivery());
    return span && ((readers) => this.#guard.run(() => span.setAttribute('sse.subscribers', readers).end()));
  }

  #begin(kind: string | undefined, attributes: Attributes): Span {
    const span = this.#tracer.startSpan(nameOf('publish', kind), { kind: this.#api.SpanKind.PRODUCER, attributes });
    if (this.#linksDeliveries && span.isRecording()) this.#undelivered.add(span);
    return span;
  }

  #fail(span: Span, error: unknown): void {
    span.setAttribute('error.type', errorTypeOf(error));
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR });
  }

  #beginDelivery(): Span {
    const messages = this.#undelivered.size;
    const links: Link[] = [];
    for (const span of this.#undelivered) {
      if (links.length === MOST_LINKS) break;
      links.push({ context: span.spanContext() });
    }
    this.#undelivered.clear();
    return this.#tracer.startSpan('deliver', {
      kind: this.#api.SpanKind.CONSUMER,
      root: true,
      links,
      attributes: { 'sse.messages': messages },
    });
  }
}

function nameOf(operation: string, kind: string | undefined): string {
  return kind === undefined ? operation : `${operation} ${kind}`;
}
