import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ApiProperty, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { TerminusModule } from '@nestjs/terminus';
import { metrics } from '@opentelemetry/api';
import { Pusher, SseModule, SsePusher, SseStream } from 'nestjs-event-stream';
import { ApiSseStream, type ApiSseStreamOptions, describeSseStreams } from 'nestjs-event-stream/openapi';
import { SseOpenTelemetryModule, type SseOpenTelemetryOptions } from 'nestjs-event-stream/opentelemetry';
import { SseHealthIndicator, type SseHealthOptions } from 'nestjs-event-stream/terminus';

class TickDto {
  @ApiProperty() at!: number;
}

const description: ApiSseStreamOptions = { events: { tick: TickDto, lap: [TickDto], note: { type: 'string' } } };
const options: SseHealthOptions = { sources: [] };
const telemetry: SseOpenTelemetryOptions = { traces: false };

@Controller('clock')
class ClockController {
  @SseStream('ticks')
  @ApiSseStream(description)
  ticks(@Pusher() _pusher: SsePusher): void {}
}

@Module({
  imports: [SseModule.forRoot(), SseOpenTelemetryModule.forRoot(telemetry), TerminusModule],
  controllers: [ClockController],
  providers: [SseHealthIndicator],
})
class AppModule {}

async function main(): Promise<void> {
  const scopes: string[] = [];
  const meters = metrics.getMeterProvider();
  metrics.setGlobalMeterProvider({
    getMeter: (name) => {
      scopes.push(name);
      return meters.getMeter(name);
    },
  });
  const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
  await app.init();
  describeSseStreams(app);
  const { components } = SwaggerModule.createDocument(app, new DocumentBuilder().build());
  console.log(
    Object.keys(components?.schemas ?? {})
      .sort()
      .join(' '),
  );
  const { sse } = await app.get(SseHealthIndicator).check('sse', options);
  console.log(sse.status);
  console.log(`measured by ${scopes.join()}`);
  await app.close();
}

void main();
