import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { forwardRef, Injectable, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { MemoryCursorStore, OnSseEvent, type ReceivedMessage, SseModule } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { entered } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startModules, startSources } from './support/source-app.js';

describe('methods for a source that somebody else consumes as well, and other odd neighbours', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let running: SourceApp | undefined;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first')));
    seen = new Arrivals();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await running?.close();
    running = undefined;
    await server.close();
  });

  async function start(metadata: ModuleMetadata, options = {}): Promise<SourceApp> {
    running = await startSources({ billing: { url: server.url, ...options } }, metadata);
    return running;
  }

  it('keep the cursor before what they failed with, though a loop beside them has finished it', async () => {
    const cursorStore = new MemoryCursorStore();
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { attempts: 1 })
      any({ event }: ReceivedMessage) {
        seen.add(event);
        if (event === 'third') throw new Error('no');
      }
    }
    const { source } = await start({ providers: [Invoices] }, { cursorStore });
    await seen.count(1);
    const looped: string[] = [];
    const loop = (async () => {
      for await (const { event } of source('billing')) looped.push(event);
    })();
    const response = await server.response(1);
    response.write(frame(2, 'second') + frame(3, 'third') + frame(4, 'fourth'));
    await entered(source('billing'), 'closed');
    await loop;
    expect(looped.slice(0, 2)).toEqual(['second', 'third']);
    expect((await cursorStore.load('billing')).lastEventId).toBe('2');
  });

  it('keep the cursor before what was cut off, though a loop beside them has finished it', async () => {
    const cursorStore = new MemoryCursorStore();
    const work = deferred<void>();
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      async any({ event }: ReceivedMessage) {
        seen.add(event);
        if (event === 'second') await work.promise;
      }
    }
    const { source, close } = await start({ providers: [Invoices] }, { cursorStore, stopTimeoutMs: 0 });
    await seen.count(1);
    const looped = new Arrivals<string>();
    const loop = (async () => {
      for await (const { event } of source('billing')) looped.add(event);
    })();
    const response = await server.response(1);
    response.write(frame(2, 'second') + frame(3, 'third'));
    await looped.count(2);
    await close();
    await loop;
    work.resolve();
    expect((await cursorStore.load('billing')).lastEventId).toBe('1');
  });

  it('have the saved cursor held where a loop beside them was left: a throw there would look the same', async () => {
    const cursorStore = new MemoryCursorStore();
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      any({ event }: ReceivedMessage) {
        seen.add(event);
      }
    }
    const { source, close } = await start({ providers: [Invoices] }, { cursorStore });
    await seen.count(1);
    const peek = (async () => {
      for await (const message of source('billing')) return message.event;
      return undefined;
    })();
    const response = await server.response(1);
    response.write(frame(2, 'second'));
    expect(await peek).toBe('second');
    response.write(frame(3, 'third') + frame(4, 'fourth'));
    await seen.count(4);
    await new Promise(setImmediate);
    expect(seen.all).toEqual(['first', 'second', 'third', 'fourth']);
    await close();
    expect((await cursorStore.load('billing')).lastEventId).toBe('1');
  });

  it('say something about an error whose own message is empty, as that of a refused connection is', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { attempts: 2 })
      any() {
        throw Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:5432')]), { code: 'ECONNREFUSED' });
      }
    }
    const { lines } = await start({ providers: [Invoices] });
    expect(await lines.first('warn')).toMatch(/ECONNREFUSED|AggregateError/);
  });

  it('are not connected in a preview of the application', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      any() {}
    }
    @Module({ imports: [SseModule.forRoot({ sources: { billing: { url: server.url } } })], providers: [Invoices] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { preview: true, logger: false });
    await app.close();
    expect(server.requests).toEqual([]);
  });

  it.each(['deep-hash', 'reference'] as const)(
    'are found in modules that import each other, with ids by %s',
    async (moduleIdGeneratorAlgorithm) => {
      @Injectable()
      class Invoices {
        @OnSseEvent('a', 'first')
        a() {
          seen.add('a');
        }
        @OnSseEvent('b', 'first')
        b() {
          seen.add('b');
        }
      }
      const source = { url: server.url, cursorStore: new MemoryCursorStore() };
      @Module({
        imports: [SseModule.forFeature({ sources: { a: source } }), forwardRef(() => B)],
        providers: [Invoices],
      })
      class A {}
      @Module({ imports: [SseModule.forFeature({ sources: { b: source } }), forwardRef(() => A)] })
      class B {}
      const testing = await Test.createTestingModule(
        { imports: [A, SseModule.forRoot()] },
        { moduleIdGeneratorAlgorithm },
      ).compile();
      const app = await testing.init();
      expect((await seen.count(2)).sort()).toEqual(['a', 'b']);
      await app.close();
      await app.close();
    },
  );

  it('have nothing called for a provider that a test has overridden with an object of its own', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      any() {
        seen.add('called');
      }
    }
    const app = await Test.createTestingModule({
      imports: [SseModule.forRoot({ sources: { billing: { url: server.url } } })],
      providers: [Invoices],
    })
      .overrideProvider(Invoices)
      .useValue({ any: () => seen.add('mock') })
      .compile();
    await app.init();
    await app.close();
    expect(server.requests).toEqual([]);
  });

  it('are still told of by name where two modules hold classes of one name', async () => {
    const make = () => {
      @Injectable()
      class Handlers {
        @OnSseEvent('billing', { attempts: 1, onFailure: 'skip' })
        any() {
          throw new Error('no');
        }
      }
      return Handlers;
    };
    @Module({ providers: [make()] })
    class Shop {}
    @Module({ providers: [make()] })
    class Books {}
    running = await startModules({
      imports: [SseModule.forRoot({ sources: { billing: { url: server.url } } }), Shop, Books],
    });
    while (running.source('billing').lastEventId !== '1') await new Promise(setImmediate);
    expect(running.lines.of('error')).toHaveLength(2);
  });
});
