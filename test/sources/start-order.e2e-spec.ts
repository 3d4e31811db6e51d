import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable, type ModuleMetadata } from '@nestjs/common';
import { OnSseEvent } from '../../lib/index.js';
import { failureOf } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

describe('an application with sources', () => {
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

  it('calls no method of a class that is still in its own onApplicationBootstrap()', async () => {
    @Injectable()
    class Invoices {
      private ready = false;
      async onApplicationBootstrap() {
        // Long enough for a message that is on its way; no longer once it has come.
        for (let turn = 0; turn < 2_000 && seen.all.length === 0; turn++) await new Promise(setImmediate);
        this.ready = true;
      }
      @OnSseEvent('billing')
      any() {
        seen.add(this.ready ? 'ready' : 'not ready');
      }
    }
    await start({ providers: [Invoices] });
    expect(await seen.count(1)).toEqual(['ready']);
  });

  it('takes no source over in an application that then fails to start', async () => {
    const loads: string[] = [];
    const cursorStore = {
      load: async (source: string) => {
        loads.push(source);
        return { fence: 1 };
      },
      save: async () => {},
    };
    @Injectable()
    class Broken {
      async onApplicationBootstrap() {
        for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
        throw new Error('no port');
      }
    }
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      any() {}
    }
    await failureOf(start({ providers: [Broken, Invoices] }, { cursorStore }));
    expect(loads).toEqual([]);
  });
});
