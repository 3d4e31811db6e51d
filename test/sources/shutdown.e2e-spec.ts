import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage, type SseEventContext, SseReceiverService } from '../../lib/index.js';
import { type Deferred, deferred } from '../pusher/support/deferred.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

describe('when the application shuts down', () => {
  let server: ScriptedServer;
  let seen: Arrivals<{ readonly message: ReceivedMessage; readonly context: SseEventContext }>;
  let work: Deferred<void>;
  let letters: Arrivals<ReceivedMessage>;
  let running: SourceApp;

  class Letters {
    deadLetter(message: ReceivedMessage) {
      letters.add(message);
    }
  }

  @Injectable()
  class Invoices {
    @OnSseEvent('billing', { onFailure: Letters })
    async working(message: ReceivedMessage, context: SseEventContext) {
      seen.add({ message, context });
      await work.promise;
    }
  }

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first'), frame(2, 'second'), frame(3, 'third')));
    seen = new Arrivals();
    work = deferred();
    letters = new Arrivals();
  });

  afterEach(async () => {
    jest.useRealTimers();
    work.resolve();
    await running.close();
    await server.close();
  });

  async function start(stopTimeoutMs?: number): Promise<void> {
    running = await startSources(
      { billing: { url: server.url, ...(stopTimeoutMs !== undefined && { stopTimeoutMs }) } },
      { providers: [Invoices, Letters] },
    );
  }

  const cursor = () => running.source('billing').lastEventId;

  /** Resolves when the method that runs has been told. */
  async function told(): Promise<void> {
    const signal = seen.all.at(-1)?.context.signal;
    await new Promise((resolve) => signal?.addEventListener('abort', resolve));
  }

  it('tells the method that runs, waits for it, and begins no other message', async () => {
    await start();
    await seen.count(1);
    let closed = false;
    const closing = running.close().then(() => {
      closed = true;
    });
    await told();
    await new Promise(setImmediate);
    expect(closed).toBe(false);
    work.resolve();
    await closing;
    expect(seen.all.map(({ message }) => message.event)).toEqual(['first']);
    expect(running.source('billing').state).toBe('closed');
    expect(running.lines.of('warn')).toEqual([]);
  });

  it('still counts what is finished then', async () => {
    await start();
    await seen.count(1);
    const closing = running.close();
    await told();
    expect(cursor()).toBe('');
    work.resolve();
    await closing;
    expect(cursor()).toBe('1');
  });

  it('has moved the cursor before the subscription is closed', async () => {
    await start();
    await seen.count(1);
    const subscription = running.source('billing');
    const cursors: string[] = [];
    const close = subscription.close.bind(subscription);
    jest.spyOn(subscription, 'close').mockImplementation(() => {
      cursors.push(subscription.lastEventId);
      return close();
    });
    const closing = running.close();
    await told();
    work.resolve();
    await closing;
    expect(cursors[0]).toBe('1');
  });

  it('does not count what fails then: it is not tried again, and no dead letter', async () => {
    await start();
    await seen.count(1);
    const closing = running.close();
    await told();
    work.reject(new Error('interrupted'));
    await closing;
    expect(seen.all).toHaveLength(1);
    expect(letters.all).toEqual([]);
    expect(cursor()).toBe('');
    expect(running.lines.of('error')).toEqual([]);
    expect(running.lines.of('debug').at(-1)).toBe(
      'Source "billing": Invoices.working failed with the event "first" (id "1") while the source was closed: interrupted',
    );
  });

  it('ends a pause between two attempts', async () => {
    stopClock();
    await start();
    await seen.count(1);
    work.reject(new Error('boom'));
    await running.lines.first('warn');
    await running.close();
    expect(seen.all).toHaveLength(1);
    expect(letters.all).toEqual([]);
    expect(cursor()).toBe('');
    expect(jest.getTimerCount()).toBe(0);
  });

  it.each([
    ['10 s by default', undefined, 10_000],
    ['as long as the source says', 300, 300],
  ])('waits for the method that runs: %s', async (_how, stopTimeoutMs, limitMs) => {
    await start(stopTimeoutMs);
    await seen.count(1);
    stopClock();
    let closed = false;
    const closing = running.close().then(() => {
      closed = true;
    });
    await told();
    await jest.advanceTimersByTimeAsync(limitMs - 1);
    await new Promise(setImmediate);
    expect(closed).toBe(false);
    expect(running.lines.of('warn')).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    await closing;
    expect(running.lines.of('warn')).toEqual([
      `Source "billing": the event "first" (id "1") was not finished within ${(limitMs / 1000).toFixed(1)} s of ` +
        'being told to end (see stopTimeoutMs); it is lost, unless the server sends it again by itself (there is no cursorStore)',
    ]);
    expect(cursor()).toBe('');
  });

  it('does not count what is finished after that', async () => {
    await start(0);
    await seen.count(1);
    await running.close();
    work.resolve();
    await new Promise(setImmediate);
    expect(cursor()).toBe('');
  });

  it('does not depend on what Nest does with the receiver meanwhile', async () => {
    await start();
    await seen.count(1);
    await running.app.get(SseReceiverService).onModuleDestroy();
    expect(running.source('billing').state).toBe('open');
    expect(seen.all[0]?.context.signal.aborted).toBe(false);
  });

  it('has saved the cursor of what was finished then', async () => {
    const saved: string[] = [];
    const cursorStore = {
      load: async () => ({ fence: 1 }),
      save: async (source: string, lastEventId: string) => {
        saved.push(`${source} ${lastEventId}`);
      },
    };
    running = await startSources({ billing: { url: server.url, cursorStore } }, { providers: [Invoices, Letters] });
    await seen.count(1);
    const closing = running.close();
    await told();
    work.resolve();
    await closing;
    expect(saved).toEqual(['billing 1']);
  });

  it('is done before the modules are destroyed that the method works with', async () => {
    const destroyed: string[] = [];
    @Injectable()
    class Database {
      onModuleDestroy() {
        destroyed.push(`database, source ${running.source('billing').state} after ${cursor()}`);
      }
    }
    @Module({ providers: [Database], exports: [Database] })
    class DatabaseModule {}
    @Module({ imports: [DatabaseModule], providers: [Invoices, Letters] })
    class BillingModule {}

    running = await startSources({ billing: { url: server.url } }, { imports: [BillingModule] });
    await seen.count(1);
    const closing = running.close();
    await told();
    await new Promise(setImmediate);
    expect(destroyed).toEqual([]);
    work.resolve();
    await closing;
    expect(destroyed).toEqual(['database, source closed after 1']);
  });

  it('closes a source that waits for messages', async () => {
    work.resolve();
    await start();
    await seen.count(3);
    await new Promise(setImmediate);
    await running.close();
    expect(cursor()).toBe('3');
    await server.deserted();
    expect(running.source('billing').state).toBe('closed');
    expect(seen.all.map(({ context }) => context.signal.aborted)).toEqual([false, false, false]);
  });
});
