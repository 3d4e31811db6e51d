import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { STREAM_OPTION_RULES } from '../../lib/pusher/index.js';
import { eventually } from '../pusher/support/eventually.js';
import { PLATFORMS, startApp } from '../pusher/support/platforms.js';
import { openRaw } from '../pusher/support/raw-client.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { AppModule } from './examples/app.module.js';
import { ChatController } from './examples/chat.controller.js';
import { InvoicesService } from './examples/invoices.service.js';
import { greetings, server } from './examples/low-level.js';
import { PricesController } from './examples/prices.controller.js';
import { RoomsController } from './examples/rooms.controller.js';
import { WatcherService } from './examples/watcher.service.js';

const EXAMPLES = new URL('./examples/', import.meta.url);
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

function withoutRetry(text: string): string {
  return text.replace(/^retry: \d+\n\n/, '');
}

describe('README', () => {
  it('shows every example as it is compiled and run here, and no other code', () => {
    const shown = [...README.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code).sort();
    const compiled = readdirSync(EXAMPLES).map((name) => readFileSync(new URL(name, EXAMPLES), 'utf8'));
    expect(shown).toEqual(compiled.sort());
  });

  it('has its first code before line 30', () => {
    const line = README.slice(0, README.indexOf('```ts')).split('\n').length;
    expect(line).toBeLessThan(30);
  });

  it('lists no stream option that is none, and leads to the table that has all of them', () => {
    const [, section = ''] = README.split('### Options\n');
    const listed = [...section.split('\n### ')[0]!.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(listed.length).toBeGreaterThanOrEqual(10);
    expect(Object.keys(STREAM_OPTION_RULES)).toEqual(expect.arrayContaining(listed));
    expect(section).toContain('](docs/reference/options.md)');
  });
});

describe.each(PLATFORMS)('examples of the README on %s', (platform) => {
  it('drives a pusher', async () => {
    const app = await startApp(platform, { imports: [AppModule] });
    const stream = await openRaw(app.port, '/jobs/7');
    const text = await stream.untilEnd();
    expect(text).toContain('id: 0\nevent: progress\ndata: {"job":"7","done":0}\n\n');
    expect(text).toContain('id: 100\nevent: progress\ndata: {"job":"7","done":100}\n\n');
    const resumed = await openRaw(app.port, '/jobs/7', { headers: { 'Last-Event-ID': '75' } });
    expect(withoutRetry(await resumed.untilEnd())).toBe(
      'id: 100\nevent: progress\ndata: {"job":"7","done":100}\n\nid: ~end\n\n',
    );
    await app.close();
  });

  it('streams a generator after a POST, and is not asked again', async () => {
    const app = await startApp(platform, { controllers: [ChatController] });
    const headers = { 'Content-Type': 'application/json' };
    const parts = { method: 'POST', headers, body: JSON.stringify({ prompt: 'hello you' }) };
    const first = await openRaw(app.port, '/chat', parts);
    expect(first.status).toBe(200);
    const text = await first.untilEnd();
    expect(withoutRetry(text)).toBe('event: token\ndata: HELLO\n\nevent: token\ndata: YOU\n\nid: ~end\n\n');
    const again = await openRaw(app.port, '/chat', { ...parts, headers: { ...headers, 'Last-Event-ID': '~end' } });
    expect(again.status).toBe(204);
    await app.close();
  });

  it('streams an Observable, resumes it, and answers 404 for what it does not know', async () => {
    const app = await startApp(platform, { controllers: [PricesController], providers: [WatcherService] });
    const missing = await openRaw(app.port, '/prices/coffee');
    expect(missing.status).toBe(404);
    const resumed = await openRaw(app.port, '/prices/tea', { headers: { 'Last-Event-ID': '1' } });
    expect(withoutRetry(await resumed.untilEnd())).toBe('id: 2\ndata: {"price":5}\n\nid: ~end\n\n');

    const seen: number[] = [];
    await app.app.get(WatcherService).watch(`http://127.0.0.1:${app.port}/prices/tea`, (price) => seen.push(price));
    expect(seen).toEqual([3, 4, 5]);
    await app.close();
  });

  it('publishes to a room, replays the newest messages to new readers, and what they missed to others', async () => {
    const app = await startApp(platform, { controllers: [RoomsController] });
    const headers = { 'Content-Type': 'application/json' };
    const say = async (text: string) => {
      const body = JSON.stringify({ text });
      const answer = await openRaw(app.port, '/rooms/1', { method: 'POST', headers, body });
      await answer.untilEnd();
      return answer.json.id as string;
    };
    const reader = await openRaw(app.port, '/rooms/1');
    await reader.untilText('id: ');
    const id = await say('0');
    await reader.untilText(`id: ${id}\nevent: said\ndata: {"text":"0"}\n\n`);
    reader.leave();
    for (let n = 1; n <= 30; n++) {
      await say(String(n));
    }
    const texts = async (parts: { headers?: Record<string, string> }) => {
      const stream = await openRaw(app.port, '/rooms/1', parts);
      await stream.untilText('"30"}\n\n');
      stream.leave();
      return [...stream.text.matchAll(/"text":"(\d+)"/g)].map(([, text]) => Number(text));
    };
    expect(await texts({})).toEqual(Array.from({ length: 20 }, (_, n) => 11 + n));
    expect(await texts({ headers: { 'Last-Event-ID': id } })).toEqual(Array.from({ length: 30 }, (_, n) => 1 + n));
    await app.close();
  });
});

describe('source of the README', () => {
  it('has its method called', async () => {
    const billing = await ScriptedServer.start(stream('event: invoice.paid\ndata: {"id":"7"}\n\n'));
    const sse = { sources: { billing: { url: billing.url } } };
    const { app, close } = await startApp('express', { sse, providers: [InvoicesService] });
    const { paid } = app.get(InvoicesService);
    await eventually(() => paid.length > 0);
    expect(paid).toEqual(['7']);
    await close();
    await billing.close();
  });
});

describe('low-level example of the README', () => {
  it('writes and reads without a framework', async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await greetings(url)).toEqual(['greeting', '1', { text: 'two\nlines' }]);
    server.close();
  });
});
