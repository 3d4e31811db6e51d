import { afterEach, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { SseModule, type SseModuleOptions, SseOptionsError, SseStreamRegistry } from '../../lib/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS } from '../pusher/support/platforms.js';
import { openRaw, readRaw } from '../pusher/support/raw-client.js';
import { unfinishedStreams } from '../pusher/support/unfinished.js';
import { type LimitedApp, startLimited } from './support/limited-app.js';

const BAD = { limits: { maxStreams: 0, per: { user: 5 } } } satisfies SseModuleOptions;

describe('limits that cannot be held', () => {
  it('are refused when the application starts, all at once', async () => {
    expect(() => SseModule.forRoot(BAD)).toThrow(SseOptionsError);
    const imports = [SseModule.forRootAsync({ useFactory: () => BAD })];
    await expect(Test.createTestingModule({ imports }).compile()).rejects.toMatchObject({
      code: 'SSE_OPTIONS',
      problems: [{ option: 'limits.maxStreams' }, { option: 'limits.per' }],
    });
  });
});

describe.each(PLATFORMS)('limits by several keys on %s', (platform) => {
  let app: LimitedApp;

  afterEach(() => app.close());

  it('all hold, each by itself', async () => {
    app = await startLimited(
      platform,
      { per: { user: { max: 2, onFull: 'replace-oldest' }, tenant: 3 } },
      { keys: ({ user, query }) => ({ user: user.id, tenant: query.tenant }) },
    );
    const open = (user: string, tenant: string) => openRaw(app.port, `/stream?user=${user}&tenant=${tenant}`);
    const first = await open('ann', 'acme');
    await open('ann', 'acme');
    await open('bob', 'acme');
    // A place at the tenant is not made by ending a stream of the user: it is free only when that is over.
    expect((await open('ann', 'acme')).status).toBe(429);
    expect(first.ended).toBe(false);
    await open('ann', 'other');
    expect(await first.untilEnd()).toContain('"per":"user"');
    await eventually(() => unfinishedStreams(app.app) === 3);
    expect((await open('cid', 'acme')).status).toBe(200);
    expect((await readRaw(app.port, '/stream?user=cid&tenant=acme')).status).toBe(429);
    expect(app.app.get(SseStreamRegistry).refusedCounts()).toEqual(new Map([['key-limit', 2]]));
  });
});
