import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from '@jest/globals';
import { metrics } from '@opentelemetry/api';
import { SseChannels, SseStreamRegistry } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startBareApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { MeasuredModule } from './examples/measured.module.js';
import { startMetrics } from './examples/start-metrics.js';

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** What Prometheus would read: the samples by name and labels. */
async function scrape(port: number): Promise<Map<string, number>> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [name, value] = line.split(/ (?=[^ ]+$)/) as [string, string];
      return [
        name
          .replace(/,?otel_scope_[a-z]+="[^"]*"/g, '')
          .replace('{}', '')
          .replace('{,', '{'),
        Number(value),
      ];
    }),
  );
}

it.each(PLATFORMS)('the page on metrics has an application that Prometheus can scrape, on %s', async (platform) => {
  const metricsPort = await freePort();
  const provider = await startMetrics(metricsPort);
  const { app, port, close } = await startBareApp(platform, { imports: [MeasuredModule] });
  const channels = app.get(SseChannels);
  const streams = await Promise.all(['1', '1', '2'].map((id) => openRaw(port, `/orders/${id}`)));
  for (const n of [1, 2]) await channels.publish('order:1', { event: 'paid', data: n });
  await Promise.all(streams.slice(0, 2).map((stream) => stream.untilText('data: 2')));
  streams[2]!.leave();
  await eventually(() => app.get(SseStreamRegistry).count === 2);
  const samples = await scrape(metricsPort);
  expect(samples.get('sse_server_active_streams{sse_route="OrdersController.follow"}')).toBe(2);
  expect(samples.get('sse_server_opened_streams_total{sse_route="OrdersController.follow"}')).toBe(3);
  expect(
    samples.get('sse_server_closed_streams_total{sse_route="OrdersController.follow",sse_close_reason="client"}'),
  ).toBe(1);
  expect(samples.get('sse_server_sent_messages_total{sse_message_origin="channel"}')).toBe(4);
  expect(samples.get('sse_channel_published_messages_total{sse_channel_kind="order"}')).toBe(2);
  expect(samples.get('sse_channel_lagging_subscribers')).toBe(0);
  await close();
  await provider.shutdown();
  metrics.disable();
});
