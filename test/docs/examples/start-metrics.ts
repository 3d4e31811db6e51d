import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

/** Call it before NestFactory.create(): what is measured goes to the provider that is there when the application starts. */
export async function startMetrics(port = 9464): Promise<MeterProvider> {
  const exporter = new PrometheusExporter({ host: '127.0.0.1', port, preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  await exporter.startServer(); // Prometheus asks for /metrics here
  return provider; // shutdown() after app.close(), not before: the application adds its last counts when it has closed
}
