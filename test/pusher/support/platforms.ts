import { type INestApplication, type ModuleMetadata } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
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
}

/** Starts a real application on a free port of the loopback interface. */
export async function startApp(platform: Platform, { sse, configure, ...metadata }: TestAppParts): Promise<TestApp> {
  const testing = await Test.createTestingModule({
    ...metadata,
    imports: [SseModule.forRoot(sse), ...(metadata.imports ?? [])],
  }).compile();
  testing.useLogger(false);
  const app =
    platform === 'express'
      ? testing.createNestApplication()
      : testing.createNestApplication(new FastifyAdapter() as never);
  await configure?.(app);
  await app.listen(0, '127.0.0.1');
  return { app, port: app.getHttpServer().address().port, close: () => app.close() };
}
