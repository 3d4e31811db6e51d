import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, type ModuleMetadata } from '@nestjs/common';
import { MemoryCursorStore, OnSseEvent, type ReceivedMessage, type SseEventContext } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { entered } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

describe('a message that was not finished', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let running: SourceApp | undefined;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first')));
    seen = new Arrivals();
  });

  afterEach(async () => {
    await running?.close();
    running = undefined;
    await server.close();
  });

  async function start(metadata: ModuleMetadata, options = {}): Promise<SourceApp> {
    running = await startSources({ billing: { url: server.url, ...options } }, metadata);
    return running;
  }

  it('does not promise a message again that cannot come again: stopped, without a cursor store', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { attempts: 1 })
      any() {
        throw new Error('no');
      }
    }
    const { lines, source } = await start({ providers: [Invoices] });
    await entered(source('billing'), 'closed');
    expect(lines.of('error')).toEqual([
      'Source "billing": Invoices.any failed once with the event "first" (id "1"); ' +
        'the source stops before this message: restart() of SseSources goes on with it; when the application ends it ' +
        'is lost, unless the server sends it again by itself (there is no cursorStore): no',
    ]);
  });

  it('does not promise a message again that cannot come again: cut off, without a cursor store', async () => {
    const work = deferred<void>();
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      async any({ event }: ReceivedMessage) {
        seen.add(event);
        await work.promise;
      }
    }
    const { lines, close } = await start({ providers: [Invoices] }, { stopTimeoutMs: 0 });
    await seen.count(1);
    await close();
    work.resolve();
    expect(lines.of('warn')).toEqual([
      expect.stringMatching(/; it is lost, unless the server sends it again by itself /),
    ]);
  });

  it.each([
    ['stopped', 'error', ': it comes again after restart() of SseSources, or when the application starts again'],
    ['cut off', 'warn', '; it comes again'],
  ] as const)('is promised again with a cursor store: %s', async (how, level, promise) => {
    const work = deferred<void>();
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { attempts: 1 })
      async any({ event }: ReceivedMessage) {
        seen.add(event);
        if (how === 'stopped') throw new Error('no');
        await work.promise;
      }
    }
    const options = { stopTimeoutMs: 0, cursorStore: new MemoryCursorStore() };
    const { lines, source, close } = await start({ providers: [Invoices] }, options);
    await seen.count(1);
    if (how === 'stopped') await entered(source('billing'), 'closed');
    await close();
    work.resolve();
    expect(lines.of(level)).toEqual([expect.stringContaining(promise)]);
  });
});

describe('when a subscription of a source is closed', () => {
  it('tells the method that runs, which is not called again', async () => {
    const server = await ScriptedServer.start(stream(frame(1, 'first'), frame(2, 'second')));
    const calls = new Arrivals<SseEventContext>();
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      async working(_message: ReceivedMessage, context: SseEventContext) {
        calls.add(context);
        await new Promise((_resolve, reject) => context.signal.addEventListener('abort', reject));
      }
    }
    const { source, lines, close } = await startSources({ billing: { url: server.url } }, { providers: [Invoices] });
    await calls.count(1);
    await source('billing').close();
    await lines.lines.first(({ text }) => text.includes('while the source was closed'));
    await close();
    expect(calls.all).toHaveLength(1);
    expect(lines.of('error')).toEqual([]);
    expect(source('billing').lastEventId).toBe('');
    await server.close();
  });
});
