import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Global, Inject, Injectable, Module } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage, SseModule } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startModules, startSources } from './support/source-app.js';

describe('at shutdown, a database that the method works with', () => {
  let server: ScriptedServer;
  let log: Arrivals<string>;
  let running: SourceApp;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first')));
    log = new Arrivals();
  });

  afterEach(async () => {
    await running.close();
    await server.close();
  });

  it('is still there for the message that runs: provided by the same module', async () => {
    const work = deferred<void>();
    @Injectable()
    class Database {
      open = true;
      onModuleDestroy() {
        this.open = false;
        log.add('database closed');
      }
    }
    @Injectable()
    class Invoices {
      constructor(@Inject(Database) private readonly database: Database) {}
      @OnSseEvent('billing', { attempts: 1, onFailure: 'skip' })
      async any() {
        log.add('begins');
        await work.promise;
        log.add(this.database.open ? 'wrote' : 'found the database closed');
      }
    }
    running = await startSources({ billing: { url: server.url } }, { providers: [Database, Invoices] });
    await log.count(1);
    const closing = running.close();
    await new Promise(setImmediate);
    work.resolve();
    await closing;
    expect(log.all).toEqual(['begins', 'wrote', 'database closed']);
  });

  it('does not have a message skipped that came while it closed: provided by the same module', async () => {
    const closed = deferred<void>();
    @Injectable()
    class Database {
      open = true;
      async onModuleDestroy() {
        this.open = false;
        log.add('database closing');
        await closed.promise;
      }
    }
    @Injectable()
    class Invoices {
      constructor(@Inject(Database) private readonly database: Database) {}
      @OnSseEvent('billing', { attempts: 1, onFailure: 'skip' })
      async any({ event }: ReceivedMessage) {
        log.add(event);
        if (!this.database.open) throw new Error('the pool is closed');
      }
    }
    running = await startSources({ billing: { url: server.url } }, { providers: [Database, Invoices] });
    await log.count(1);
    const closing = running.close();
    await log.count(2);
    const response = await server.response(1);
    response.write(frame(2, 'second'));
    // Until the message is lost, or the source has ended.
    const source = running.source('billing');
    while (source.state !== 'closed' && source.lastEventId !== '2') await new Promise(setImmediate);
    closed.resolve();
    await closing;
    expect(source.lastEventId).toBe('1');
    expect(running.lines.of('error')).toEqual([]);
  });

  it('is still there: in a global module that a global module with the method imports', async () => {
    const work = deferred<void>();
    @Injectable()
    class Database {
      onModuleDestroy() {
        log.add('database closed');
      }
    }
    @Global()
    @Module({ providers: [Database], exports: [Database] })
    class DatabaseModule {}
    @Injectable()
    class Invoices {
      constructor(@Inject(Database) readonly database: Database) {}
      @OnSseEvent('billing')
      async any() {
        log.add('begins');
        await work.promise;
        log.add('wrote');
      }
    }
    @Global()
    @Module({ imports: [DatabaseModule], providers: [Invoices] })
    class BillingModule {}
    running = await startModules({
      imports: [SseModule.forRoot({ sources: { billing: { url: server.url } } }), BillingModule],
    });
    await log.count(1);
    const closing = running.close();
    await new Promise(setImmediate);
    work.resolve();
    await closing;
    expect(log.all).toEqual(['begins', 'wrote', 'database closed']);
  });

  it('is still there: of the class for dead letters, in a module beside', async () => {
    const fail = deferred<void>();
    const kept = deferred<void>();
    @Injectable()
    class Letters {
      open = true;
      onModuleDestroy() {
        this.open = false;
        log.add('letters closed');
      }
      async deadLetter() {
        log.add('letter');
        await kept.promise;
        log.add(this.open ? 'kept' : 'lost');
      }
    }
    @Module({ providers: [Letters] })
    class LettersModule {}
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { attempts: 1, onFailure: Letters })
      async any() {
        await fail.promise;
        throw new Error('no');
      }
    }
    @Module({ providers: [Invoices] })
    class BillingModule {}
    running = await startModules({
      imports: [SseModule.forRoot({ sources: { billing: { url: server.url } } }), BillingModule, LettersModule],
    });
    fail.resolve();
    await log.count(1);
    const closing = running.close();
    await new Promise(setImmediate);
    kept.resolve();
    await closing;
    expect(log.all).toEqual(['letter', 'kept', 'letters closed']);
  });
});
