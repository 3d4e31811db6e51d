import { describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { SseModule } from '../sse.module.js';
import { SseOpenTelemetryModule } from './opentelemetry.module.js';
import { OPEN_TELEMETRY_API } from './telemetry-lifecycle.js';

/** What an application says as a warning. */
function logger() {
  const quiet = () => {};
  return { log: quiet, error: quiet, debug: quiet, warn: jest.fn() };
}

describe('SseOpenTelemetryModule', () => {
  it('names every problem of its options', () => {
    const options = { metrics: 'yes', kinds: 1 } as never;
    expect(() => SseOpenTelemetryModule.forRoot(options)).toThrow(
      /'?metrics'?.*must be a boolean[\s\S]*'?kinds'?.*is not an option/,
    );
  });

  it('says once that the package is not installed, and then does nothing', async () => {
    const said = logger();
    const imports = [SseModule.forRoot(), SseOpenTelemetryModule.forRoot()];
    const testing = Test.createTestingModule({ imports }).setLogger(said);
    testing.overrideProvider(OPEN_TELEMETRY_API).useFactory({ factory: () => undefined });
    const app = (await testing.compile()).createNestApplication();
    await app.init();
    await app.close();
    const about = said.warn.mock.calls.filter(([text]) => String(text).includes('@opentelemetry/api'));
    expect(about).toHaveLength(1);
  });

  it('does not start without SseModule, and says what to import', async () => {
    const testing = await Test.createTestingModule({ imports: [SseOpenTelemetryModule.forRoot()] })
      .setLogger(logger())
      .compile();
    await expect(testing.createNestApplication().init()).rejects.toThrow(/import SseModule\.forRoot\(\)/);
  });

  it('finds an SseModule that is not global, of whichever module', async () => {
    @Module({ imports: [SseModule.forRoot({ isGlobal: false })] })
    class Feature {}
    const testing = await Test.createTestingModule({ imports: [SseOpenTelemetryModule.forRoot(), Feature] })
      .setLogger(logger())
      .compile();
    const app = testing.createNestApplication();
    await app.init();
    await app.close();
  });
});
