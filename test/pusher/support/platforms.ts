import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { SseModule, type SseModuleInput } from '../../../lib/index.js';

export type Platform = 'express' | 'fastify';

/** Every question about streams is put to both platforms. */
export const PLATFORMS: readonly Platform[] = ['express', 'fastify'];

export interface TestApp {
  readonly app: INestApplication;
  readonly port: number;
  close(): Promise<void>;
}

export interface TestAppParts extends ModuleMetadata {
  sse?: SseModuleInput;
  /** Runs before the application is initialised: global pipes, prefixes, middleware. */
  configure?: (app: INestApplication) => unknown;
  /** Puts something else in the place of a provider of the module. */
  override?: (testing: TestingModuleBuilder) => unknown;
}

/** What an application runs on: a platform with its own defaults, or an adapter that was made otherwise. */
export type PlatformOrAdapter = Platform | FastifyAdapter;

/** Starts a real application with the module on a free port of the loopback interface. */
export function startApp(platform: PlatformOrAdapter, { sse, ...metadata }: TestAppParts): Promise<TestApp> {
  return startBareApp(platform, { ...metadata, imports: [SseModule.forRoot(sse), ...(metadata.imports ?? [])] });
}

/** The same, for tests that import the module in a way of their own, or not at all. */
export async function startBareApp(
  platform: PlatformOrAdapter,
  { configure, override, ...metadata }: Omit<TestAppParts, 'sse'>,
): Promise<TestApp> {
  const builder = Test.createTestingModule(metadata);
  override?.(builder);
  const testing = await builder.compile();
  testing.useLogger(false);
  const adapter = platform === 'fastify' ? new FastifyAdapter() : platform;
  const app = adapter === 'express' ? testing.createNestApplication() : testing.createNestApplication(adapter as never);
  await configure?.(app);
  await app.listen(0, '127.0.0.1');
  return { app, port: app.getHttpServer().address().port, close: () => app.close() };
}
