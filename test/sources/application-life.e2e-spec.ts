import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { FileCursorStore, OnSseEvent, type ReceivedMessage, SseModule, SseSources } from '../../lib/index.js';
import { failureOf } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, startModules, startSources } from './support/source-app.js';

describe('the life of an application with sources', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let directory: string;

  @Injectable()
  class Invoices {
    @OnSseEvent('billing')
    any({ event }: ReceivedMessage) {
      seen.add(event);
    }
  }

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first')));
    seen = new Arrivals();
    directory = await mkdtemp(join(tmpdir(), 'sse-life-'));
  });

  afterEach(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  it('connects nothing when it is closed in the middle of its bootstrap', async () => {
    let close = async () => {};
    @Injectable()
    class Hasty {
      onApplicationBootstrap() {
        void close();
      }
    }
    const sources = { billing: { url: server.url } };
    const testing = await Test.createTestingModule({
      imports: [SseModule.forRoot({ sources })],
      providers: [Hasty, Invoices],
    }).compile();
    const app = testing.createNestApplication();
    let closing: Promise<void> | undefined;
    close = () => {
      closing = app.close();
      return closing;
    };
    await app.init().catch(() => {});
    await closing;
    await app.close();
    expect(app.get(SseSources).get('billing').state).toBe('closed');
    await server.deserted();
  });

  it('can be closed when it was compiled, but never initialised', async () => {
    const sources = { billing: { url: server.url } };
    const testing = await Test.createTestingModule({
      imports: [SseModule.forRoot({ sources })],
      providers: [Invoices],
    }).compile();
    await testing.createNestApplication().close();
    expect(server.requests).toEqual([]);
  });

  it('can be closed after another module has failed to start', async () => {
    @Injectable()
    class Broken {
      onApplicationBootstrap() {
        throw new Error('no');
      }
    }
    const sources = { billing: { url: server.url } };
    const testing = await Test.createTestingModule({
      imports: [SseModule.forRoot({ sources })],
      providers: [Broken, Invoices],
    }).compile();
    const app = testing.createNestApplication();
    await failureOf(app.init());
    await app.close();
    await server.deserted();
    expect(app.get(SseSources).get('billing').state).toBe('closed');
  });

  it('tells in the log why the cursor store fails, not only that there is a cause', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    const sources = { billing: { url: server.url, cursorStore: new FileCursorStore(file) } };
    const { lines, close } = await startSources(sources, { providers: [Invoices] });
    const line = await lines.first('warn');
    await close();
    expect(line).toMatch(/ENOTDIR|EEXIST/);
  });

  it.each([
    ['useClass', { useClass: class {} }],
    ['nothing', {}],
    ['undefined', undefined],
    ['a factory that is none', { useFactory: 7 }],
  ])('says what is wrong with forFeatureAsync() and %s', async (_what, options) => {
    const error = await failureOf(
      (async () => startModules({ imports: [SseModule.forRoot(), SseModule.forFeatureAsync(options as never)] }))(),
    );
    expect(error).toMatchObject({ code: 'SSE_OPTIONS' });
    expect(error.message).toContain('useFactory');
  });

  it('names the names that mean something to JavaScript like any others', async () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a.b', '../../x', 'CON', '\0'];
    const sources = Object.fromEntries(
      names.map((name) => [name, { url: server.url, cursorStore: new FileCursorStore(directory) }]),
    );
    class Handlers {}
    for (const name of names) {
      Object.defineProperty(Handlers.prototype, `on ${name}`, {
        value: ({ event }: ReceivedMessage) => seen.add(`${name} ${event}`),
      });
      const descriptor = Object.getOwnPropertyDescriptor(Handlers.prototype, `on ${name}`)!;
      OnSseEvent(name, ['first', '__proto__', 'constructor', 'message'])(Handlers.prototype, `on ${name}`, descriptor);
    }
    const { source, close } = await startSources(sources, { providers: [{ provide: 'x', useValue: new Handlers() }] });
    await seen.count(names.length);
    expect(seen.all.sort()).toEqual(names.map((name) => `${name} first`).sort());
    await close();
    for (const name of names) expect(source(name).lastEventId).toBe('1');
  });
});
