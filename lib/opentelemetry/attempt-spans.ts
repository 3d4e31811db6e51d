import type { Span, SpanContext, Tracer } from '@opentelemetry/api';
import type { ObservedSubscription, SseConnectionOutcome } from '../receiver/index.js';
import { type HeaderMap, readHeaders } from '../receiver/internal.js';
import type { OpenTelemetryApi } from './load-api.js';

/** Spans from the request of a receiver to the head of its response; a stream itself may last for weeks. */
export class AttemptSpans {
  constructor(
    private readonly api: OpenTelemetryApi,
    private readonly tracer: Tracer,
    private readonly propagates: boolean,
  ) {}

  begin({ name, method }: ObservedSubscription, attempt: number): AttemptSpan {
    const span = this.tracer.startSpan(name === undefined ? 'connect' : `connect ${name}`, {
      kind: this.api.SpanKind.CLIENT,
      attributes: {
        'http.request.method': method,
        ...(attempt > 1 && { 'http.request.resend_count': attempt - 1 }),
        ...(name !== undefined && { 'sse.source': name }),
      },
    });
    return new AttemptSpan(this.api, span, this.propagates);
  }
}

/** One attempt to connect. */
export class AttemptSpan {
  constructor(
    private readonly api: OpenTelemetryApi,
    private readonly span: Span,
    private readonly propagates: boolean,
  ) {}

  get context(): SpanContext {
    return this.span.spanContext();
  }

  /** Without those that the receiver would refuse its caller: propagators may write anything. */
  headers(): HeaderMap {
    const carrier: Record<string, string> = {};
    const { context, propagation, trace } = this.api;
    if (this.propagates) propagation.inject(trace.setSpan(context.active(), this.span), carrier);
    return readHeaders(carrier).headers;
  }

  opened(status: number): void {
    this.span.setAttribute('http.response.status_code', status);
    this.span.end();
  }

  /** After it was opened this changes nothing. */
  lost({ kind, status, error }: Pick<SseConnectionOutcome, 'kind' | 'status' | 'error'>): void {
    if (status !== undefined) this.span.setAttribute('http.response.status_code', status);
    if (error) {
      this.span.setAttribute('error.type', kind);
      this.span.setStatus({ code: this.api.SpanStatusCode.ERROR });
    }
    this.span.end();
  }
}
