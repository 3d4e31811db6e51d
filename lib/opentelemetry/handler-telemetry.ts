import type { Attributes, Span, Tracer } from '@opentelemetry/api';
import type { HandlerObserver, Handling } from '../sources/index.js';
import { errorTypeOf } from './error-type.js';
import type { Instruments } from './instruments.js';
import type { OpenTelemetryApi } from './load-api.js';
import type { ReceiverTelemetry } from './receiver-telemetry.js';
import { SdkGuard } from './sdk-guard.js';

/** Measures and traces the methods with `@OnSseEvent()`. Each call is a trace of its own: a connection may last for weeks. */
export class HandlerTelemetry implements HandlerObserver {
  constructor(
    private readonly api: OpenTelemetryApi,
    private readonly tracer: Tracer,
    private readonly instruments: Instruments,
    private readonly connections: ReceiverTelemetry,
    private readonly guard = new SdkGuard(),
  ) {}

  handle(handling: Handling, call: () => Promise<void> | undefined): Promise<void> | undefined {
    const { context, trace } = this.api;
    const startedAt = performance.now();
    const span = this.guard.run(() => this.#begin(handling));
    if (!span) return call();
    const finish = (failure?: { readonly error: unknown }) =>
      this.guard.run(() => this.#finish(handling, span, startedAt, failure));
    try {
      const done = context.with(trace.setSpan(context.active(), span), call);
      if (!done) {
        finish();
        return undefined;
      }
      return done.then(
        () => void finish(),
        (error) => {
          finish({ error });
          throw error;
        },
      );
    } catch (error) {
      finish({ error });
      throw error;
    }
  }

  #begin({ source, handler, attempt }: Handling): Span {
    const connection = this.connections.attemptOf(source);
    return this.tracer.startSpan(`process ${source}`, {
      kind: this.api.SpanKind.CONSUMER,
      root: true,
      links: connection ? [{ context: connection }] : [],
      attributes: { 'sse.source': source, 'sse.handler': handler, 'sse.attempt': attempt },
    });
  }

  #finish({ source, handler }: Handling, span: Span, startedAt: number, failure?: { readonly error: unknown }): void {
    const attributes: Attributes = { 'sse.source': source, 'sse.handler': handler };
    if (failure) {
      attributes['error.type'] = errorTypeOf(failure.error);
      span.setAttribute('error.type', attributes['error.type']);
      span.setStatus({ code: this.api.SpanStatusCode.ERROR });
    }
    span.end();
    this.instruments.handlerDuration.record((performance.now() - startedAt) / 1000, attributes);
  }
}
