import type { Type } from '@nestjs/common';
import { type SseCloseReason, type SseModuleOptions, SseStreamRegistry } from '../../../lib/index.js';
import { type Platform, startApp, type TestApp, type TestAppParts } from '../../pusher/support/platforms.js';

export interface WatchedApp extends TestApp {
  readonly registry: SseStreamRegistry;
  /** Why each stream has closed so far. */
  readonly closed: SseCloseReason[];
  get<T>(type: Type<T>): T;
}

/** An application that tells why its streams close. No `retry` and no ping, so that what is sent is what is told. */
export async function startWatchedApp(
  platform: Platform,
  { sse, ...parts }: Omit<TestAppParts, 'sse'> & { sse?: SseModuleOptions },
): Promise<WatchedApp> {
  const closed: SseCloseReason[] = [];
  const app = await startApp(platform, {
    sse: { retryMs: false, pingMs: 0, ...sse, onClose: (_stream, reason) => closed.push(reason) },
    ...parts,
  });
  return { ...app, registry: app.app.get(SseStreamRegistry), closed, get: (type) => app.app.get(type) };
}
