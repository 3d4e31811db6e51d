import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as api from '@opentelemetry/api';
import { AlwaysOffSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { TelemetrySdk } from '../../test/opentelemetry/support/telemetry-sdk.js';
import { PublishSpans } from './publish-spans.js';

const published = () => Promise.resolve('id');

describe('PublishSpans', () => {
  let sdk: TelemetrySdk;

  beforeEach(() => {
    sdk = TelemetrySdk.start();
  });

  afterEach(() => sdk.stop());

  it('is the span that is active while the message is published, and a child of the one before', async () => {
    const spans = new PublishSpans(api, api.trace.getTracer('test'), true);
    let active: string | undefined;
    await api.trace.getTracer('test').startActiveSpan('request', async (request) => {
      await spans.around('order', {}, () => {
        active = api.trace.getActiveSpan()?.spanContext().spanId;
        return published();
      });
      request.end();
    });
    const [span] = sdk.spans('publish order');
    expect(span?.spanContext().spanId).toBe(active);
    expect(span?.parentSpanContext?.spanId).toBe(sdk.spans('request')[0]?.spanContext().spanId);
  });

  it('links a delivery to 128 publishings at most, and counts them all', async () => {
    const spans = new PublishSpans(api, api.trace.getTracer('test'), true);
    await Promise.all(Array.from({ length: 200 }, () => spans.around(undefined, {}, published)));
    spans.flush()?.(5);
    const [deliver] = sdk.spans('deliver');
    expect(deliver?.links).toHaveLength(128);
    expect(deliver?.attributes).toEqual({ 'sse.messages': 200, 'sse.subscribers': 5 });
    expect(spans.flush()).toBeUndefined();
  });

  it('has no delivery for what is not recorded, nor where messages come back some time', async () => {
    const unsampled = new BasicTracerProvider({ sampler: new AlwaysOffSampler() }).getTracer('test');
    for (const spans of [
      new PublishSpans(api, unsampled, true),
      new PublishSpans(api, api.trace.getTracer('t'), false),
    ]) {
      await spans.around(undefined, {}, published);
      expect(spans.flush()).toBeUndefined();
    }
  });

  it('has none for what could not be published', async () => {
    const spans = new PublishSpans(api, api.trace.getTracer('test'), true);
    await expect(spans.around(undefined, {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(spans.flush()).toBeUndefined();
    expect(sdk.spans('publish')[0]?.status.code).toBe(api.SpanStatusCode.ERROR);
  });
});
