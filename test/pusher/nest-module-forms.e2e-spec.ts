import { describe, expect, it } from '@jest/globals';
import { Controller, type DynamicModule, Inject, Injectable, Module } from '@nestjs/common';
import {
  SseModule,
  type SseModuleInput,
  type SseOptionsFactory,
  SsePusherFactory,
  SseStream,
} from '../../lib/index.js';
import { PLATFORMS, startBareApp } from './support/platforms.js';
import { readRaw } from './support/raw-client.js';

/** The options show in what a stream sends, so the handler need not look at them. */
@Controller()
class FeatureController {
  constructor(@Inject(SsePusherFactory) readonly pushers: SsePusherFactory) {}

  @SseStream()
  *stream() {
    yield 'hello';
  }
}

/** Imports nothing, as a feature of an application whose root module imports ours. */
@Module({ controllers: [FeatureController] })
class FeatureModule {}

const CONFIGURED = { retryMs: false as const, closeMessage: 'bye' };

@Injectable()
class Config implements SseOptionsFactory {
  async createSseOptions(): Promise<SseModuleInput> {
    return CONFIGURED;
  }
}

@Module({ providers: [Config], exports: [Config] })
class ConfigModule {}

const CONFIGURED_FORMS: [string, DynamicModule][] = [
  ['forRoot(options)', SseModule.forRoot(CONFIGURED)],
  ['forRoot(options with isGlobal)', SseModule.forRoot({ ...CONFIGURED, isGlobal: true })],
  ['forRootAsync(useFactory)', SseModule.forRootAsync({ useFactory: () => CONFIGURED })],
  ['forRootAsync(async useFactory)', SseModule.forRootAsync({ useFactory: async () => CONFIGURED })],
  [
    'forRootAsync(useFactory, inject)',
    SseModule.forRootAsync({
      imports: [ConfigModule],
      inject: [Config],
      useFactory: (config: Config) => config.createSseOptions(),
    }),
  ],
  ['forRootAsync(useClass)', SseModule.forRootAsync({ useClass: Config })],
  ['forRootAsync(useExisting)', SseModule.forRootAsync({ imports: [ConfigModule], useExisting: Config })],
];

const DEFAULT_FORMS: [string, DynamicModule][] = [
  ['forRoot()', SseModule.forRoot()],
  ['forRoot(number)', SseModule.forRoot(30_000)],
  ['forRoot({})', SseModule.forRoot({})],
  ['forRoot() with an undefined isGlobal', SseModule.forRoot({ isGlobal: undefined })],
  ['forRootAsync(useFactory) with a number', SseModule.forRootAsync({ useFactory: () => 30_000 })],
  ['forRootAsync(useFactory) with nothing', SseModule.forRootAsync({ useFactory: () => undefined as never })],
  ['forRootAsync() with an undefined isGlobal', SseModule.forRootAsync({ useFactory: () => 0, isGlobal: undefined })],
];

describe.each(PLATFORMS)('forms of the module on %s', (platform) => {
  it.each(CONFIGURED_FORMS)('%s configures the streams of every module', async (_form, module) => {
    const server = await startBareApp(platform, { imports: [module, FeatureModule] });
    const { text } = await readRaw(server.port, '/');
    await server.close();

    expect(text).toBe('data: hello\n\ndata: bye\n\n');
  });

  it.each(DEFAULT_FORMS)('%s serves every module with the defaults', async (_form, module) => {
    const server = await startBareApp(platform, { imports: [module, FeatureModule] });
    const { text } = await readRaw(server.port, '/');
    await server.close();

    expect(text).toMatch(/^retry: \d+\n\ndata: hello\n\n$/);
  });

  it.each([
    ['forRoot', SseModule.forRoot({ ...CONFIGURED, isGlobal: false })],
    ['forRootAsync', SseModule.forRootAsync({ useFactory: () => CONFIGURED, isGlobal: false })],
  ])('%s with isGlobal: false serves those that import it', async (_form, module) => {
    @Module({ imports: [module], controllers: [FeatureController] })
    class ImportingModule {}

    const server = await startBareApp(platform, { imports: [ImportingModule] });
    const { text } = await readRaw(server.port, '/');
    await server.close();

    expect(text).toBe('data: hello\n\ndata: bye\n\n');
    await expect(startBareApp(platform, { imports: [module, FeatureModule] })).rejects.toThrow(/SsePusherFactory/);
  });
});
