import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Inject,
  Injectable,
  Module,
  Scope,
  VersioningType,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import {
  Pusher,
  SseAdminModule,
  type SseAdminOptions,
  SseOptionsError,
  SsePusher,
  SseStream,
  SseStreamRegistry,
} from '../../lib/index.js';
import { PLATFORMS, startApp, startBareApp, type TestApp, type TestAppParts } from '../pusher/support/platforms.js';
import { openRaw, type RawStream, type RequestParts, readRaw } from '../pusher/support/raw-client.js';

const KEY = { 'x-admin': 'yes' };

@Injectable()
class Admins {
  readonly asked: string[] = [];

  isAdmin(context: ExecutionContext, header: unknown): boolean {
    this.asked.push(`${context.getClass().name}.${context.getHandler().name}`);
    return header === 'yes';
  }
}

@Module({ providers: [Admins], exports: [Admins] })
class AdminsModule {}

@Injectable()
class AdminGuard implements CanActivate {
  constructor(private readonly admins: Admins) {}

  canActivate(context: ExecutionContext): boolean {
    return this.admins.isAdmin(context, context.switchToHttp().getRequest().headers['x-admin']);
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestGuard implements CanActivate {
  constructor(
    private readonly admins: Admins,
    @Inject(REQUEST) private readonly request: { headers: Record<string, string> },
  ) {}

  canActivate(context: ExecutionContext): boolean {
    return this.admins.isAdmin(context, this.request.headers['x-admin']);
  }
}

@Controller()
class PushedController {
  @SseStream('pushed')
  pushed(@Pusher() _pusher: SsePusher): void {}
}

describe.each(PLATFORMS)('the routes of operators on %s', (platform) => {
  let app: TestApp;

  beforeEach(async () => {
    app = await start();
  });

  afterEach(() => app.close());

  function start(options: Partial<SseAdminOptions> = {}, parts: TestAppParts = {}): Promise<TestApp> {
    const admin = SseAdminModule.forRoot({ guards: [AdminGuard], imports: [AdminsModule], ...options });
    return startApp(platform, {
      controllers: [PushedController],
      imports: [admin],
      ...parts,
      sse: { retryMs: false, keys: ({ query }) => ({ user: query.user }), ...(parts.sse as object) },
    });
  }

  async function restart(options: Partial<SseAdminOptions>, parts: TestAppParts = {}): Promise<void> {
    await app.close();
    app = await start(options, parts);
  }

  const open = (user = '7'): Promise<RawStream> => openRaw(app.port, `/pushed?user=${user}`);
  const ask = (path: string, parts: RequestParts = {}): Promise<RawStream> =>
    readRaw(app.port, `/admin/sse/${path}`, { ...parts, headers: { ...KEY, ...parts.headers } });
  const post = (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    ask('close', { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) });

  it('list streams as JSON that nobody keeps', async () => {
    await open('7');
    await open('8');
    const answer = await ask('streams?key.user=8');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/json\b/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    for (const path of ['summary', 'closed', 'streams?limit=1']) {
      expect((await ask(path)).headers).toMatchObject({ 'cache-control': 'no-store' });
    }
    expect(answer.json).toEqual({
      streams: [expect.objectContaining({ id: 2, route: 'PushedController.pushed', keys: { user: '8' } })],
      next: null,
    });
  });

  it('page', async () => {
    for (let n = 0; n < 3; n++) await open();
    const first = (await ask('streams?limit=2')).json;
    expect(first).toMatchObject({ streams: [{ id: 1 }, { id: 2 }], next: 2 });
    expect((await ask('streams?limit=2&after=2')).json).toMatchObject({ streams: [{ id: 3 }], next: null });
    await restart({ maxRows: 1 });
    await open();
    await open();
    expect((await ask('streams?limit=2')).json).toMatchObject({ streams: [{ id: 1 }], next: 1 });
  });

  it('sum up', async () => {
    await open();
    const left = await open();
    const closed = await ask('streams/2', { method: 'DELETE' });
    expect([closed.status, closed.json]).toEqual([200, { closed: 1 }]);
    await left.untilEnd();
    expect((await ask('summary')).json).toEqual({
      open: 1,
      byRoute: { 'PushedController.pushed': 1 },
      closed: { revoked: 1 },
    });
    expect((await ask('closed')).json).toEqual({ closed: [expect.objectContaining({ id: 2, reason: 'revoked' })] });
    expect((await ask('closed?limit=x')).status).toBe(400);
  });

  it('close what a body says, and say how many that were', async () => {
    const [first, second, other] = [await open('7'), await open('7'), await open('8')];
    const answer = await post({ keys: { user: 7 }, message: { event: 'bye', data: 'now' }, retryMs: 0 });
    expect([answer.status, answer.json]).toEqual([200, { closed: 2 }]);
    expect(await first.untilEnd()).toBe('retry: 0\n\nevent: bye\ndata: now\n\n');
    await second.untilEnd();
    expect((await post({ keys: { user: 7 } })).json).toEqual({ closed: 0 });
    expect((await post({ all: true, reason: 'replaced' })).json).toEqual({ closed: 1 });
    await other.untilEnd();
    expect(app.app.get(SseStreamRegistry).closedCounts()).toEqual(
      new Map([
        ['revoked', 2],
        ['replaced', 1],
      ]),
    );
  });

  it.each<[string, unknown]>([
    ['nothing', {}],
    ['an empty filter', { keys: {} }],
    ['a filter that is misspelt', { key: { user: '7' } }],
    ['a key that is an object', { keys: { user: { $ne: '' } } }],
    ['a list', [1]],
    ['everything, and something', { all: true, keys: { user: '7' } }],
    ['everything by another word', { all: 'yes' }],
    ['no id', { id: null }],
    ['a reason that is not for closing', { all: true, reason: 'client' }],
    ['a message that cannot be sent', { all: true, message: { event: 'a\nb' } }],
    ['a message that is none', { all: true, message: 5 }],
    ['an absent message', { all: true, message: null }],
  ])('close nothing for a body that says %s', async (_, body) => {
    await open();
    const answer = await post(body);
    expect([answer.status, app.app.get(SseStreamRegistry).count]).toEqual([400, 1]);
  });

  it('close nothing for a form or a text, which any site may have a browser post', async () => {
    await open();
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x']) {
      // What does not parse it answers 415 as well, or leaves it to the guard.
      expect((await post('{"all":true}', { 'content-type': type })).status).toBe(415);
    }
    expect((await ask('close', { method: 'POST' })).status).toBe(415);
    expect((await ask('streams/1')).status).toBe(404);
    expect((await ask('close?all=true')).status).toBe(404);
    expect(app.app.get(SseStreamRegistry).count).toBe(1);
  });

  it('say what is wrong with a query or an id', async () => {
    await open();
    for (const path of ['streams?user=7', 'streams?limit=-1', 'streams?key.user=7&key.user=8', 'live?user=7']) {
      expect([path, (await ask(path)).status]).toEqual([path, 400]);
    }
    expect((await ask('streams/all', { method: 'DELETE' })).status).toBe(400);
    expect((await ask('streams/99', { method: 'DELETE' })).status).toBe(404);
  });

  it('are not there for who does not get past the guards', async () => {
    const stream = await open();
    const answers = await Promise.all([
      ...['streams', 'summary', 'closed', 'live'].map((path) => readRaw(app.port, `/admin/sse/${path}`)),
      readRaw(app.port, '/admin/sse/streams/1', { method: 'DELETE' }),
      readRaw(app.port, '/admin/sse/close', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"all":true}',
      }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(403));
    expect([...app.app.get(Admins, { strict: false }).asked].sort()).toEqual(
      ['close', 'closeOne', 'closed', 'live', 'streams', 'summary'].map((name) => `SseAdminController.${name}`),
    );
    expect(stream.ended).toBe(false);
  });

  it('ask every guard, also one that is made for each request, and one that is an object', async () => {
    let asked = 0;
    const last: CanActivate = { canActivate: () => ++asked > 0 };
    await restart({ guards: [RequestGuard, last] });
    expect((await readRaw(app.port, '/admin/sse/summary')).status).toBe(403);
    expect(asked).toBe(0);
    expect((await ask('summary')).status).toBe(200);
    const live = await openRaw(app.port, '/admin/sse/live', { headers: KEY });
    await live.untilText('event: summary');
    expect(asked).toBe(2);
  });

  it('are where they are put, with a global prefix, and under every version', async () => {
    await restart(
      { path: 'ops' },
      {
        configure: (nest) =>
          nest.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI, defaultVersion: '1' }),
      },
    );
    expect((await readRaw(app.port, '/api/ops/summary', { headers: KEY })).status).toBe(200);
    expect((await readRaw(app.port, '/ops/summary', { headers: KEY })).status).toBe(404);
    const live = await openRaw(app.port, '/api/ops/live', { headers: KEY });
    expect(live.headers['content-type']).toContain('text/event-stream');
    live.leave();
    await restart({ version: '2' }, { configure: (nest) => nest.enableVersioning({ type: VersioningType.URI }) });
    expect((await readRaw(app.port, '/v2/admin/sse/summary', { headers: KEY })).status).toBe(200);
    expect((await ask('summary')).status).toBe(404);
  });

  it('are not there unless they are asked for', async () => {
    await app.close();
    app = await startApp(platform, { controllers: [PushedController] });
    expect((await ask('streams')).status).toBe(404);
  });
});

describe('the module of operators', () => {
  it.each<[string, unknown]>([
    ['no guard', {}],
    ['an empty list of guards', { guards: [] }],
    ['a guard that is not in a list', { guards: AdminGuard }],
    ['a guard that is none', { guards: [{}] }],
    ['a guard that is absent', { guards: [undefined] }],
    ['no options', undefined],
    ['an unknown option', { guards: [AdminGuard], guard: 1 }],
    ['no rows', { guards: [AdminGuard], maxRows: 0 }],
  ])('is refused with %s', (_, options) => {
    expect(() => SseAdminModule.forRoot(options as SseAdminOptions)).toThrow(SseOptionsError);
  });

  it('does not start as the bare class, which has no guard either', async () => {
    await expect(startBareApp('express', { imports: [SseAdminModule] })).rejects.toMatchObject({
      problems: [{ option: 'guards', problem: expect.stringContaining('one at least') }],
    });
  });
});
