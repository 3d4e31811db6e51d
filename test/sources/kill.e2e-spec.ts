import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CompiledApps } from '../pusher/support/compiled-app.js';
import { ScriptedServer } from '../receiver/support/scripted-server.js';
import { frame } from './support/source-app.js';

const MESSAGES = 400;
const KILLS = 6;

/** Every seventh message fails twice: it ends as a dead letter, of which the first attempt fails, too. */
const program = (url: string, directory: string) => `
  import 'reflect-metadata';
  import { appendFileSync } from 'node:fs';
  import { Injectable, Module } from '@nestjs/common';
  import { NestFactory } from '@nestjs/core';
  import { FileCursorStore, OnSseEvent, SseModule } from './lib/index.js';

  const write = (name, id) => {
    appendFileSync('${directory}/' + name, id + '\\n');
    process.stdout.write('.');
  };

  @Injectable()
  class Letters {
    async deadLetter({ id }) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      write('letters', id);
    }
  }

  @Injectable()
  class Invoices {
    @OnSseEvent('billing', 'number')
    async slow({ id }) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      write('slow', id);
    }
    @OnSseEvent('billing', 'number', { attempts: 1, onFailure: Letters })
    fast({ id }) {
      if (id % 7 === 0) throw new Error('bad');
      write('fast', id);
    }
  }

  const cursorStore = new FileCursorStore('${directory}/cursors');
  @Module({
    imports: [SseModule.forRoot({ sources: { billing: { url: '${url}', cursorStore, retry: { nextDelayMs: () => 0 } } } })],
    providers: [Invoices, Letters],
  })
  class AppModule {}

  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  process.stdout.write('0\\n');
`;

describe('an application that is killed at any time, and started again', () => {
  let apps: CompiledApps;
  let server: ScriptedServer;
  let directory: string;

  beforeAll(async () => {
    apps = await CompiledApps.build();
    directory = await mkdtemp(join(tmpdir(), 'sse-nest-kill-'));
    server = await ScriptedServer.start((response, { headers }) => {
      const last = Number(headers['last-event-id'] ?? 0);
      if (last === MESSAGES) {
        response.writeHead(204).end();
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let id = last + 1; id <= MESSAGES; id++) response.write(frame(id, 'number'));
      response.end();
    });
  }, 30_000);

  afterAll(async () => {
    await apps.remove();
    await server.close();
    await rm(directory, { recursive: true });
  });

  it('misses nothing in any of its methods, nor among its dead letters', async () => {
    for (let kill = 1; kill <= KILLS; kill++) {
      const app = await apps.start('kill', program(server.url, directory));
      await app.untilOutput(new RegExp(`(?:\\.\\s*){${kill * 11}}`));
      app.signal('SIGKILL');
      expect(await app.untilExit()).toBe('SIGKILL');
    }
    // The server says that there is nothing more: the process ends by itself.
    const app = await apps.start('kill', program(server.url, directory));
    expect(await app.untilExit()).toBe(0);

    const idsIn = async (name: string) => {
      const text = await readFile(join(directory, name), 'utf8');
      return [...new Set(text.trim().split('\n').map(Number))].sort((a, b) => a - b);
    };
    const all = Array.from({ length: MESSAGES }, (_, n) => n + 1);
    expect(await idsIn('slow')).toEqual(all);
    expect(await idsIn('fast')).toEqual(all.filter((id) => id % 7));
    expect(await idsIn('letters')).toEqual(all.filter((id) => id % 7 === 0));
    // Each life begins where the cursor was; a life that has received everything asks for more.
    const cursors = server.requests.map(({ headers }) => Number(headers['last-event-id'] ?? 0));
    const begunWith = cursors.filter((cursor) => cursor !== MESSAGES);
    expect(begunWith).toEqual([...begunWith].sort((a, b) => a - b));
    expect(begunWith.at(-1)).toBeGreaterThan(0);
  }, 60_000);
});
