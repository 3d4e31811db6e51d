import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { SseChannels } from '../channel/index.js';
import { assertOptions, findOptionProblems } from '../protocol/internal.js';
import { SseSources } from '../sources/index.js';
import { HEALTH_RULES } from './check-health-options.js';
import { overall, type SseHealthFindings } from './health-findings.js';
import type { SseHealthOptions } from './health-options.js';

/**
 * An indicator for `@nestjs/terminus`: the backplane of channels, and the named sources. Make it a provider of the module
 * that imports `TerminusModule`.
 *
 * @example
 * ```ts
 * class HealthController {
 *   constructor(private readonly health: HealthCheckService, private readonly sse: SseHealthIndicator) {}
 *   @Get() @HealthCheck() check() { return this.health.check([() => this.sse.check('sse')]); }
 * }
 * ```
 */
@Injectable()
export class SseHealthIndicator {
  constructor(
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(SseChannels) private readonly channels: SseChannels,
    @Inject(SseSources) private readonly sources: SseSources,
  ) {}

  /**
   * Down when the backplane has stopped, or a source has failed for good. What is degraded passes, unless told otherwise.
   *
   * @param key the name of the result; beside its `status` it holds what was found of each part
   * @throws SseOptionsError (as a rejection) for options that cannot be used
   * @throws SseUnknownSourceError (as a rejection) for a source that does not exist
   */
  async check<const Key extends string>(key: Key, options: SseHealthOptions = {}): Promise<HealthIndicatorResult<Key>> {
    assertOptions(findOptionProblems(options, HEALTH_RULES));
    const { degraded = 'up' } = options;
    const findings = await this.look(options);
    const indicator = this.indicators.check(key);
    switch (overall(findings)) {
      case 'up':
        return indicator.up({ ...findings });
      case 'degraded':
        return degraded === 'down' ? indicator.down({ ...findings }) : passing(indicator, findings);
      case 'down':
        return indicator.down({ ...findings });
    }
  }

  private async look({ backplane = true, sources, timeoutMs }: SseHealthOptions): Promise<SseHealthFindings> {
    const names = sources ?? this.sources.names();
    const health = backplane && ((await this.channels.backplaneHealth({ timeoutMs })) ?? UNKNOWN);
    return {
      ...(health && { backplane: health }),
      sources: Object.fromEntries(names.map((name) => [name, this.sources.status(name)])),
    };
  }
}

const UNKNOWN = { status: 'unknown' } as const;

type Indicator<Key extends string> = ReturnType<typeof HealthIndicatorService.prototype.check<Key>>;

/** An older Terminus has no other word for it than `up`. */
function passing<Key extends string>(
  indicator: Indicator<Key>,
  findings: SseHealthFindings,
): HealthIndicatorResult<Key> {
  return 'degraded' in indicator
    ? indicator.degraded({ ...findings })
    : (indicator as Indicator<Key>).up({ ...findings });
}
