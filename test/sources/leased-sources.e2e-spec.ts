import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  MemoryCursorStore,
  OnSseEvent,
  type ReceivedMessage,
  type SseEventContext,
  type SseSourceOptions,
  SseSources,
} from '../../lib/index.js';
import { SseLeaseLostError } from '../../lib/sources/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { eventually } from '../pusher/support/eventually.js';
import { entered, failureOf } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { HandLeases } from './support/hand-leases.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

const LOST = new SseLeaseLostError('billing', 'expired');

describe('a source with a lease', () => {
  let server: ScriptedServer;
  let leases: HandLeases;
  let cursorStore: MemoryCursorStore;
  let seen: Arrivals<{ event: string; signal: AbortSignal }>;
  let work: Promise<void>;
  let isBroken: boolean;
  let running: SourceApp;

  @Injectable()
  class Invoices {
    @OnSseEvent('billing', { attempts: 1 })
    async any({ event }: ReceivedMessage, { signal }: SseEventContext) {
      seen.add({ event, signal });
      if (isBroken) throw new Error('broken');
      await work;
    }
  }

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first')), stream(frame(2, 'second')));
    leases = new HandLeases();
    cursorStore = new MemoryCursorStore();
    seen = new Arrivals();
    work = Promise.resolve();
    isBroken = false;
  });

  afterEach(async () => {
    await running.close();
    await server.close();
  });

  const start = async (
    options: Partial<SseSourceOptions> = { cursorStore },
    providers: never[] = [Invoices as never],
  ) => {
    running = await startSources({ billing: { url: server.url, lease: leases, ...options } }, { providers });
    return running.app.get(SseSources);
  };

  const stored = async () => (await cursorStore.load('billing')).lastEventId;

  it('is on standby until it is given, and says so', async () => {
    const sources = await start();
    const [wait] = await leases.asked.count(1);
    wait?.onStandby('other:1');
    expect([sources.isHeld('billing'), sources.get('billing').state]).toEqual([false, 'closed']);
    for await (const message of sources.get('billing')) throw new Error(message.event);
    expect(server.requests).toEqual([]);
    await leases.grant();
    await seen.count(1);
    expect([sources.isHeld('billing'), sources.get('billing').state]).toEqual([true, 'open']);
    expect(running.lines.of('log')).toEqual([
      'Source "billing" is on standby: "other:1" holds it',
      'Source "billing" is held by this instance',
    ]);
    expect(running.lines.of('warn')).toEqual([]);
  });

  it('tells its methods why when it is lost, hangs up, and saves nothing of what they finish then', async () => {
    const finish = deferred<void>();
    work = finish.promise;
    const sources = await start();
    const lease = await leases.grant();
    const { signal } = (await seen.count(1))[0]!;
    const before = sources.get('billing');
    lease.lose(LOST);
    await server.deserted();
    expect(signal.reason).toBe(LOST);
    expect([before.state, sources.isHeld('billing'), leases.asked.all.length]).toEqual(['closed', false, 1]);
    finish.resolve();
    await leases.asked.count(2);
    expect(lease.released).toBe(1);
    expect(await stored()).toBeUndefined();
    expect(running.lines.of('warn')).toEqual([
      expect.stringMatching(/goes on standby: .* could not be renewed in time/),
    ]);
  });

  it('goes on from the stored cursor when it is given again', async () => {
    const sources = await start();
    const lease = await leases.grant();
    await seen.count(1);
    const before = sources.get('billing');
    await eventually(() => before.lastEventId === '1');
    lease.lose(LOST);
    await leases.asked.count(2);
    // Somebody else has had it.
    const { fence } = await cursorStore.load('billing');
    await cursorStore.save('billing', '7', fence);
    await leases.grant(2);
    await seen.count(2);
    expect(server.requests[1]?.headers['last-event-id']).toBe('7');
    expect(sources.get('billing')).not.toBe(before);
  });

  it('begins no message when its time is over by the clock, though nobody has said so yet', async () => {
    const slow = deferred<void>();
    work = slow.promise;
    server.script(stream(frame(1, 'first'), frame(2, 'second')));
    const sources = await start();
    const lease = await leases.grant();
    await seen.count(1);
    lease.isOurs = false;
    slow.resolve();
    await entered(sources.get('billing'), 'closed');
    expect(seen.all).toHaveLength(1);
    expect(await stored()).toBeUndefined();
  });

  it('goes on standby when somebody else has loaded its cursor, and asks again', async () => {
    await start();
    const lease = await leases.grant();
    await seen.count(1);
    await stored();
    server.responses[0]?.write(frame(2, 'second'));
    await leases.asked.count(2);
    expect(lease.released).toBe(1);
    expect(running.lines.of('warn')).toEqual([
      'Source "billing" goes on standby: its cursor was loaded by somebody else',
    ]);
    expect(running.lines.of('error')).toEqual([]);
  });

  it('is given up when it has stopped, and asked for again by a restart only', async () => {
    isBroken = true;
    const sources = await start();
    const lease = await leases.grant();
    await eventually(() => lease.released === 1);
    expect([sources.isHeld('billing'), sources.get('billing').state]).toEqual([false, 'closed']);
    expect(leases.asked.all).toHaveLength(1);
    isBroken = false;
    await Promise.all([sources.restart('billing'), sources.restart('billing')]);
    expect(leases.asked.all).toHaveLength(2);
    await leases.grant(2);
    await seen.count(2);
  });

  it('is given up at a shutdown, after what was finished is saved', async () => {
    const finish = deferred<void>();
    work = finish.promise;
    await start();
    const lease = await leases.grant();
    const { signal } = (await seen.count(1))[0]!;
    const closing = running.close();
    await eventually(() => signal.aborted);
    expect(lease.released).toBe(0);
    finish.resolve();
    await closing;
    expect(lease.released).toBe(1);
    expect(await stored()).toBe('1');
    expect(running.lines.of('warn')).toEqual([]);
  });

  it('is told of trouble once, until that is over', async () => {
    await start();
    const [wait] = await leases.asked.count(1);
    for (let failure = 0; failure < 3; failure++) wait?.onTrouble(new Error('away'));
    wait?.onStandby('other:1');
    wait?.onTrouble(new Error('away again'));
    const trouble = 'Source "billing" is on standby: who holds it cannot be told; trying again';
    expect(running.lines.of('warn')).toEqual([`${trouble}: away`, `${trouble}: away again`]);
  });

  it('warns where an instance that takes it over would not know the cursor', async () => {
    await start({});
    expect(running.lines.of('warn')).toEqual([
      expect.stringMatching(/has a lease, but no cursorStore: .* lastEventId$/),
    ]);
  });

  it('is not asked for where no method has @OnSseEvent() for it, or it is switched off', async () => {
    await start({}, []);
    await running.close();
    await start({ enabled: false });
    expect(leases.asked.all).toEqual([]);
  });

  it('must be something that can be asked', async () => {
    const error = await failureOf(start({ lease: {} as never }));
    const problem = 'must be an object with acquire(), as redisLeases() gives it, got an object';
    expect(error.problems).toEqual([{ option: 'sources.billing.lease', problem }]);
    await start();
  });
});
