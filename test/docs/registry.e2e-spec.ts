import { describe, expect, it } from '@jest/globals';
import { Controller } from '@nestjs/common';
import {
  Pusher,
  type SseAdminOptions,
  SsePusher,
  SseStream,
  type SseStreamCloseOptions,
  type SseStreamListOptions,
  SseStreamRegistry,
  type SseStreamReport,
} from '../../lib/index.js';
import { PLATFORMS, startApp, startBareApp } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { OpenStreams } from './examples/open-streams.service.js';
import { OperatorsModule } from './examples/operators.module.js';
import { readPage } from './support/pages.js';

type Words = keyof SseStreamReport | keyof SseStreamListOptions | keyof SseStreamCloseOptions | keyof SseAdminOptions;

/** Every key, or the compiler complains. */
const WORDS: Record<Words, true> = {
  id: true,
  route: true,
  keys: true,
  state: true,
  openedAt: true,
  ageMs: true,
  lastEventId: true,
  channels: true,
  position: true,
  lag: true,
  bufferedBytes: true,
  sentBytes: true,
  lastWriteAt: true,
  silentMs: true,
  after: true,
  limit: true,
  reason: true,
  message: true,
  retryMs: true,
  guards: true,
  path: true,
  imports: true,
  version: true,
  maxRows: true,
};

@Controller()
class PushedController {
  @SseStream('pushed', { keys: ({ query }) => ({ user: query.user }) })
  pushed(@Pusher() _pusher: SsePusher): void {}
}

describe.each(PLATFORMS)('the page on what is open, on %s', (platform) => {
  it('lists all of it in pages, and signs a user out', async () => {
    const app = await startApp(platform, { controllers: [PushedController], providers: [OpenStreams] });
    const streams = await Promise.all(
      Array.from({ length: 1001 }, (_, n) => openRaw(app.port, `/pushed?user=${n % 500}`)),
    );
    const open = app.app.get(OpenStreams);
    const ids = new Set<number>();
    for await (const { id } of open.all()) ids.add(id);
    expect(ids.size).toBe(1001);
    expect(await open.behind(0)).toEqual([]);
    expect(await open.signOut('7')).toBe(2);
    expect(await streams[7]!.untilEnd()).toContain('event: signed-out\ndata: {}\n');
    expect(app.app.get(SseStreamRegistry).count).toBe(999);
    for (const stream of streams) stream.leave();
    await app.close();
  });

  it('lets nobody in but administrators', async () => {
    const app = await startBareApp(platform, {
      imports: [OperatorsModule],
      configure: (nest) =>
        nest.use((request: { headers: Record<string, string>; user?: object }, _: unknown, next: () => void) => {
          request.user = { role: request.headers['x-role'] };
          next();
        }),
    });
    const ask = (role: string) => readRaw(app.port, '/admin/sse/summary', { headers: { 'x-role': role } });
    expect((await ask('user')).status).toBe(403);
    if (platform === 'express') {
      expect((await ask('admin')).json).toEqual({ open: 0, byRoute: {}, closed: {} });
    }
    await app.close();
  });
});

it('the page on what is open names every option and every field', () => {
  const page = readPage('docs/production/registry.md');
  expect(Object.keys(WORDS).filter((word) => !new RegExp(`\\b${word}\\b`).test(page))).toEqual([]);
});
