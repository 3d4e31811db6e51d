import { describe, expect, it } from '@jest/globals';
import * as api from '@opentelemetry/api';
import { AttemptSpans } from './attempt-spans.js';
import { createInstruments } from './instruments.js';
import { ReceiverTelemetry } from './receiver-telemetry.js';

/** How many values are observed while a subscription is consumed, right after, and later. */
function observedOver(keepsNames: boolean): number[] {
  const spans = new AttemptSpans(api, api.trace.getTracer('test'), false);
  const telemetry = new ReceiverTelemetry(createInstruments(api.createNoopMeter()), spans, keepsNames);
  const subscription = telemetry.observe({ name: 'orders', method: 'GET', backlog: () => 0 });
  const observed = () => {
    let values = 0;
    telemetry.observeNow({ observe: () => values++ });
    return values;
  };
  subscription.entered({ phase: 'connecting', attempt: 1 });
  const during = observed();
  subscription.entered({ phase: 'idle' });
  return [during, observed(), observed()];
}

describe('ReceiverTelemetry', () => {
  it('tells once more of a name that nobody consumes any more, and forgets it: there may be many', () => {
    expect(observedOver(false)).toEqual([4, 4, 0]);
  });

  it('goes on to tell of sources, of which there are few', () => {
    expect(observedOver(true)).toEqual([4, 4, 4]);
  });
});
