import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { OnSseEvent, type ReceivedMessage } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

describe('a method that does not finish', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let work: ReturnType<typeof deferred<void>>[];
  let running: SourceApp;

  @Injectable()
  class Invoices {
    @OnSseEvent('billing')
    async stuck({ event }: ReceivedMessage) {
      seen.add(event);
      await work[seen.all.length - 1]?.promise;
    }
    @OnSseEvent('billing')
    async quick() {}
  }

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first'), frame(2, 'second')));
    seen = new Arrivals();
    work = [deferred(), deferred()];
    stopClock();
  });

  afterEach(async () => {
    jest.useRealTimers();
    for (const { resolve } of work) resolve();
    await running.close();
    await server.close();
  });

  async function start(slowAfterMs?: number): Promise<SourceApp> {
    const limit = slowAfterMs === undefined ? {} : { slowAfterMs };
    running = await startSources({ billing: { url: server.url, ...limit } }, { providers: [Invoices] });
    await seen.count(1);
    await new Promise(setImmediate);
    return running;
  }

  it.each([
    ['a minute by default', undefined, 60_000],
    ['what the source says', 300, 300],
  ])('is warned of, once for a message: after %s', async (_how, slowAfterMs, limitMs) => {
    const { lines } = await start(slowAfterMs);
    await jest.advanceTimersByTimeAsync(limitMs - 1);
    expect(lines.of('warn')).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    const after = `${(limitMs / 1000).toFixed(1)} s`;
    const warning = (event: string, id: number) =>
      `Source "billing": Invoices.stuck has the event "${event}" (id "${id}"), not finished after ${after}; ` +
      'nothing else is received meanwhile (see slowAfterMs)';
    expect(lines.of('warn')).toEqual([warning('first', 1)]);
    await jest.advanceTimersByTimeAsync(2 * limitMs);
    expect(lines.of('warn')).toHaveLength(1);
    work[0]?.resolve();
    await seen.count(2);
    await new Promise(setImmediate);
    await jest.advanceTimersByTimeAsync(limitMs);
    expect(lines.of('warn')).toEqual([warning('first', 1), warning('second', 2)]);
  });

  it('is given the whole time, however late in the time of another message it began', async () => {
    const { lines } = await start(1_000);
    await jest.advanceTimersByTimeAsync(900);
    work[0]?.resolve();
    await seen.count(2);
    await new Promise(setImmediate);
    await jest.advanceTimersByTimeAsync(999);
    expect(lines.of('warn')).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    expect(lines.of('warn')).toHaveLength(1);
  });

  it('is not warned of when it has finished in time, and nothing else came', async () => {
    const { lines, source } = await start(1_000);
    for (const { resolve } of work) resolve();
    await seen.count(2);
    await new Promise(setImmediate);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lines.of('warn')).toEqual([]);
    expect(source('billing').lastEventId).toBe('2');
  });

  it('is not warned of with 0', async () => {
    const { lines } = await start(0);
    await jest.advanceTimersByTimeAsync(200_000);
    expect(lines.of('warn')).toEqual([]);
  });

  it('leaves no timer behind', async () => {
    const { close } = await start();
    for (const { resolve } of work) resolve();
    await close();
    expect(jest.getTimerCount()).toBe(0);
  });
});
