import type { Attributes, Link, Span, Tracer } from '@opentelemetry/api';
import { errorTypeOf } from './error-type.js';
import type { OpenTelemetryApi } from './load-api.js';

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
  /** Of messages that are not delivered yet. */
  readonly #undelivered = new Set<Span>();

  /**
   * @param linksDeliveries whether what is published next is delivered next. Over a backplane of several processes it is not:
   * it comes back, or comes from others, some time, and does not bring its span along
   */
  constructor(api: OpenTelemetryApi, tracer: Tracer, linksDeliveries: boolean) {
    this.#api = api;
    this.#tracer = tracer;
    this.#linksDeliveries = linksDeliveries;
  }

  async around(kind: string | undefined, attributes: Attributes, publish: () => Promise<string>): Promise<string> {
    const { SpanKind, SpanStatusCode, context, trace } = this.#api;
    const span = this.#tracer.startSpan(nameOf('publish', kind), { kind: SpanKind.PRODUCER, attributes });
    if (this.#linksDeliveries && span.isRecording()) this.#undelivered.add(span);
    try {
      return await context.with(trace.setSpan(context.active(), span), publish);
    } catch (error) {
      this.#undelivered.delete(span);
      span.setAttribute('error.type', errorTypeOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  }

  /** @returns ends the delivery, of which nobody is told if nobody has recorded the publishing */
  flush(): ((readers: number) => void) | undefined {
    if (this.#undelivered.size === 0) return undefined;
    const messages = this.#undelivered.size;
    const links: Link[] = [];
    for (const span of this.#undelivered) {
      if (links.length === MOST_LINKS) break;
      links.push({ context: span.spanContext() });
    }
    this.#undelivered.clear();
    const span = this.#tracer.startSpan('deliver', {
      kind: this.#api.SpanKind.CONSUMER,
      root: true,
      links,
      attributes: { 'sse.messages': messages },
    });
    return (readers) => {
      span.setAttribute('sse.subscribers', readers);
      span.end();
    };
  }
}

function nameOf(operation: string, kind: string | undefined): string {
  return kind === undefined ? operation : `${operation} ${kind}`;
}
