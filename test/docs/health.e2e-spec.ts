import { expect, it } from '@jest/globals';
import { SseSources } from '../../lib/index.js';
import { PLATFORMS, startApp } from '../pusher/support/platforms.js';
import { entered } from '../receiver/support/consumers.js';
import { answer, ScriptedServer } from '../receiver/support/scripted-server.js';
import { HealthModule } from './examples/health.module.js';

it.each(PLATFORMS)(
  'the page on health has a module that stays ready while a source is away, on %s',
  async (platform) => {
    const server = await ScriptedServer.start(answer(503));
    const sources = { billing: { url: server.url, retry: { nextDelayMs: () => 60_000 } } };
    const { app, port, close } = await startApp(platform, { imports: [HealthModule], sse: { sources } });
    const billing = app.get(SseSources).get('billing');
    void billing.process(async () => {});
    await entered(billing, 'waiting');
    const probe = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/health/${path}`, { headers: { connection: 'close' } });
      return { status: response.status, body: await response.json() };
    };
    expect(await probe('ready')).toMatchObject({
      status: 200,
      body: { info: { sse: { backplane: { status: 'up' } } } },
    });
    expect(await probe('all')).toMatchObject({
      status: 503,
      body: { error: { sse: { sources: { billing: { state: 'waiting', reason: 'http', httpStatus: 503 } } } } },
    });
    await close();
    await server.close();
  },
);
