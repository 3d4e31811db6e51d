import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Inject, Injectable } from '@nestjs/common';
import { MemoryCursorStore, OnSseEvent, type ReceivedMessage, SseSources } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { entered, failureOf } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

const FIRST = frame(1, 'first');
const SECOND = frame(2, 'second');

describe('a source that is restarted', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let running: SourceApp;
  let isBroken: boolean;

  @Injectable()
  class Invoices {
    @OnSseEvent('billing', { attempts: 1 })
    any({ event }: ReceivedMessage) {
      seen.add(event);
      if (isBroken && event === 'second') throw new Error('broken');
    }
  }

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(FIRST, SECOND), stream(SECOND));
    seen = new Arrivals();
    isBroken = true;
  });

  afterEach(async () => {
    await running.close();
    await server.close();
  });

  const start = async (options = {}, providers = [Invoices]) => {
    running = await startSources({ billing: { url: server.url, ...options } }, { providers });
    return running.app.get(SseSources);
  };

  it.each([
    ['without a cursor store', {}],
    ['with one', { cursorStore: new MemoryCursorStore() }],
  ])('after a method has stopped it goes on with the message that it stopped at: %s', async (_how, options) => {
    const sources = await start(options);
    const before = sources.get('billing');
    await entered(before, 'closed');
    isBroken = false;
    await sources.restart('billing');
    await seen.count(3);
    expect(seen.all).toEqual(['first', 'second', 'second']);
    expect(server.requests[1]?.headers['last-event-id']).toBe('1');
    expect(sources.get('billing')).not.toBe(before);
    expect(sources.get('billing').state).toBe('open');
    await running.close();
    expect(sources.get('billing').state).toBe('closed');
  });

  it('ends what is running first, which comes again when it was cut off', async () => {
    const work = deferred<void>();
    @Injectable()
    class Slow {
      @OnSseEvent('billing')
      async any({ event }: ReceivedMessage) {
        seen.add(event);
        if (seen.all.length === 1) await work.promise;
      }
    }
    const sources = await start({ stopTimeoutMs: 0 }, [Slow]);
    await seen.count(1);
    server.script(stream(FIRST));
    await sources.restart('billing');
    await seen.count(2);
    work.resolve();
    expect(seen.all).toEqual(['first', 'first']);
    expect(running.lines.of('warn')).toEqual([expect.stringMatching(/ "first" .*; it comes again$/)]);
  });

  it('is restarted once by two who want it at once', async () => {
    const sources = await start();
    await entered(sources.get('billing'), 'closed');
    isBroken = false;
    await Promise.all([sources.restart('billing'), sources.restart('billing')]);
    await seen.count(3);
    await running.close();
    expect(server.requests).toHaveLength(2);
  });

  it('stays closed when the application is closed meanwhile, or was before', async () => {
    const sources = await start();
    await entered(sources.get('billing'), 'closed');
    const before = sources.get('billing');
    const closing = running.close();
    await sources.restart('billing');
    await closing;
    await sources.restart('billing');
    expect(sources.get('billing')).toBe(before);
    expect(before.state).toBe('closed');
    expect(server.requests).toHaveLength(1);
  });

  it('must have a name that exists, and the application must have started', async () => {
    @Injectable()
    class Hasty {
      constructor(@Inject(SseSources) private readonly sources: SseSources) {}
      async onApplicationBootstrap() {
        seen.add((await failureOf(this.sources.restart('billing'))).name);
      }
    }
    const sources = await start({}, [Hasty as never]);
    expect(seen.all).toEqual(['SseSourcesNotReadyError']);
    expect(await failureOf(sources.restart('biling'))).toMatchObject({ code: 'SSE_UNKNOWN_SOURCE' });
  });
});
