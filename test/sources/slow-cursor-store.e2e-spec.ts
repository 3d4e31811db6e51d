import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { MemoryCursorStore, OnSseEvent, type ReceivedMessage, type SseCursorStore } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { AT_ONCE } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

describe('a source whose cursor store was too slow the first time', () => {
  let server: ScriptedServer;
  let running: SourceApp;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first')));
  });

  afterEach(async () => {
    await running.close();
    await server.close();
  });

  it('goes on with what that has loaded, though the connection was given up meanwhile', async () => {
    const seen = new Arrivals<string>();
    const saved = new Arrivals<string>();
    const answer = deferred<void>();
    const stored = new MemoryCursorStore();
    let loads = 0;
    const cursorStore: SseCursorStore = {
      async load(source) {
        loads++;
        const cursor = await stored.load(source);
        // The source is claimed: a second load would fence off the first.
        await answer.promise;
        return cursor;
      },
      async save(source, lastEventId, fence) {
        await stored.save(source, lastEventId, fence);
        saved.add(lastEventId);
      },
    };
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      any({ event }: ReceivedMessage) {
        seen.add(event);
      }
    }
    const billing = { url: server.url, cursorStore, connectTimeoutMs: 50, retry: AT_ONCE };
    running = await startSources({ billing }, { providers: [Invoices] });
    await running.lines.first('warn');
    answer.resolve();
    await seen.count(1);
    const response = await server.response(1);
    response.write(frame(2, 'second'));
    await saved.first((id) => id === '2');
    expect({ loads, state: running.source('billing').state }).toEqual({ loads: 1, state: 'open' });
    expect(running.lines.of('error')).toEqual([]);
  });
});
