import { describe, expect, it } from '@jest/globals';
import { createNoopMeter } from '@opentelemetry/api';
import { createInstruments } from '../../lib/opentelemetry/instruments.js';
import { readPage } from './support/pages.js';

/** Every metric by the name that Prometheus has for it. */
function instruments(): Map<string, string> {
  const names = new Map<string, string>();
  const meter = createNoopMeter();
  const noting = new Proxy(meter, {
    get: (target, method: keyof typeof meter) => (name: string, options: never) => {
      const isCounter = method === 'createCounter';
      names.set(
        name,
        name.replaceAll('.', '_') + (isCounter ? '_total' : method === 'createHistogram' ? '_bucket' : ''),
      );
      return (target[method] as (name: string, options: never) => unknown)(name, options);
    },
  });
  createInstruments(noting);
  return names;
}

describe('docs on metrics', () => {
  const metrics = readPage('docs/production/metrics.md');
  const alerts = readPage('docs/production/alerts.md');

  it('have a row for every metric', () => {
    for (const name of instruments().keys()) {
      expect(metrics).toMatch(new RegExp(`^\\| \`${name}\` \\|`, 'm'));
    }
  });

  it('ask Prometheus for nothing that is not measured', () => {
    const known = [...instruments().values()];
    const attributes = [...metrics.matchAll(/`(sse\.[a-z.]+|error\.type)`/g)].map(([, name]) =>
      name!.replaceAll('.', '_'),
    );
    const asked = [...alerts.matchAll(/\b(?:sse|error)_[a-z_]+/g)].map(([name]) => name);
    const inOtherWords = ['sse_channel_publish_duration_seconds_bucket', 'sse_server_io_bytes_total'];
    expect(asked.filter((name) => ![...known, ...attributes, ...inOtherWords].includes(name))).toEqual([]);
    expect(asked.length).toBeGreaterThan(20);
  });
});
