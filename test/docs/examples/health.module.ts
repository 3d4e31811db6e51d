import { Controller, Get, Module } from '@nestjs/common';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { SseHealthIndicator } from 'nestjs-event-stream/terminus';

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly sse: SseHealthIndicator,
  ) {}

  /** Whether this instance can take requests: nothing that all instances share is a reason against it. */
  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([() => this.sse.check('sse', { sources: [] })]);
  }

  /** Whether somebody should be told. */
  @Get('all')
  @HealthCheck()
  all() {
    return this.health.check([() => this.sse.check('sse', { degraded: 'down' })]);
  }
}

@Module({
  imports: [TerminusModule],
  controllers: [HealthController],
  providers: [SseHealthIndicator],
})
export class HealthModule {}
