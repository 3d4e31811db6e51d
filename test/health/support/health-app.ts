import { expect } from '@jest/globals';
import { Controller, Get, type Type } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import type { SseModuleOptions } from 'nestjs-event-stream';
import { SseHealthIndicator, type SseHealthOptions } from 'nestjs-event-stream/terminus';
import { type Platform, startApp, type TestApp } from '../../pusher/support/platforms.js';

export interface HealthAppParts {
  readonly sse?: SseModuleOptions;
  /** Of the check. */
  readonly options?: SseHealthOptions;
  readonly providers?: Type[];
  readonly controllers?: Type[];
}

export interface HealthApp extends TestApp {
  /** Asks the endpoint as a probe does. */
  probe(): Promise<Probed>;
}

interface Probed {
  readonly status: number;
  /** The status of the indicator. */
  readonly sse: string;
  /** What else the indicator tells. */
  readonly found: Record<string, unknown>;
}

/** An application with Terminus, whose `GET /health` checks the indicator alone. */
export async function startHealthApp(
  platform: Platform,
  { sse, options, providers = [], controllers = [] }: HealthAppParts,
): Promise<HealthApp> {
  @Controller('health')
  class HealthController {
    constructor(
      private readonly health: HealthCheckService,
      private readonly indicator: SseHealthIndicator,
    ) {}

    @Get()
    @HealthCheck()
    check() {
      return this.health.check([() => this.indicator.check('sse', options)]);
    }
  }

  const app = await startApp(platform, {
    imports: [TerminusModule.forRoot({ logger: false })],
    controllers: [HealthController, ...controllers],
    providers: [SseHealthIndicator, ...providers],
    sse,
  });
  const probe = async () => {
    const response = await fetch(`http://127.0.0.1:${app.port}/health`, { headers: { connection: 'close' } });
    const body: any = await response.json();
    const { status, ...found } = body.details?.sse ?? {};
    return { status: response.status, sse: status, found };
  };
  return { ...app, probe };
}

/** What an indicator tells that passes with something degraded: a Terminus before 12.1 has no word for it. */
export const DEGRADED = expect.stringMatching(/^(degraded|up)$/);
