import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Controller, Injectable, type ModuleMetadata } from '@nestjs/common';
import { OnSseEvent, ReceivedMessage, type SseEventContext } from '../../lib/index.js';
import { deferred } from '../pusher/support/deferred.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

interface Call {
  readonly by: string;
  readonly message: ReceivedMessage;
  readonly context: SseEventContext;
}

const PAID = frame(1, 'invoice.paid');
const SENT = frame(2, 'invoice.sent');
const OTHER = frame(3, 'customer.added');
const LAST = frame(4, 'last');

describe('@OnSseEvent()', () => {
  let server: ScriptedServer;
  let calls: Arrivals<Call>;
  let running: SourceApp | undefined;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(PAID, SENT, OTHER, LAST));
    calls = new Arrivals();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await running?.close();
    running = undefined;
    await server.close();
  });

  async function start(metadata: ModuleMetadata): Promise<SourceApp> {
    running = await startSources({ billing: { url: server.url } }, metadata);
    return running;
  }

  /** Who was called with which event, until the last one came by. */
  async function untilLast(): Promise<string[]> {
    await calls.first(({ message }) => message.event === 'last');
    return calls.all.map(({ by, message }) => `${by} ${message.event}`);
  }

  function called(by: string) {
    return (message: ReceivedMessage, context: SseEventContext) => calls.add({ by, message, context });
  }

  it('has a method called with its event, and what there is to know about it', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'invoice.paid')
      paid(message: ReceivedMessage, context: SseEventContext) {
        called('paid')(message, context);
      }
    }
    await start({ providers: [Invoices] });

    const [{ message, context }] = (await calls.count(1)) as [Call];
    expect(message).toBeInstanceOf(ReceivedMessage);
    expect(message).toMatchObject({ event: 'invoice.paid', data: 'data 1', lastEventId: '1' });
    expect(context).toEqual({
      source: 'billing',
      event: 'invoice.paid',
      attempt: 1,
      signal: expect.any(AbortSignal),
    });
    expect(context.signal.aborted).toBe(false);
  });

  it('takes one event, several, or all of them', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'invoice.paid')
      one(message: ReceivedMessage, context: SseEventContext) {
        called('one')(message, context);
      }
      @OnSseEvent('billing', ['invoice.paid', 'invoice.sent'])
      several(message: ReceivedMessage, context: SseEventContext) {
        called('several')(message, context);
      }
      @OnSseEvent('billing')
      all(message: ReceivedMessage, context: SseEventContext) {
        called('all')(message, context);
      }
    }
    await start({ providers: [Invoices] });

    expect(await untilLast()).toEqual([
      'one invoice.paid',
      'several invoice.paid',
      'all invoice.paid',
      'several invoice.sent',
      'all invoice.sent',
      'all customer.added',
      'all last',
    ]);
    expect(calls.all.find(({ by }) => by === 'all')?.context).not.toHaveProperty('event');
  });

  it('may take options in the place of the event', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { onFailure: 'skip', attempts: 1 })
      all(message: ReceivedMessage, context: SseEventContext) {
        called('all')(message, context);
        throw new Error('never mind');
      }
    }
    await start({ providers: [Invoices] });
    expect(await untilLast()).toHaveLength(4);
  });

  it('may be on one method several times, for several sources', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'invoice.paid')
      @OnSseEvent('shop', 'invoice.sent')
      any(message: ReceivedMessage, context: SseEventContext) {
        called('any')(message, context);
      }
    }
    running = await startSources(
      { billing: { url: server.url }, shop: { url: server.url } },
      { providers: [Invoices] },
    );
    await calls.count(2);
    const seen = calls.all.map(({ message, context }) => `${context.source} ${message.event}`);
    expect(seen.sort()).toEqual(['billing invoice.paid', 'shop invoice.sent']);
  });

  it('works on controllers', async () => {
    @Controller()
    class Invoices {
      @OnSseEvent('billing', 'last')
      last(message: ReceivedMessage, context: SseEventContext) {
        called('controller')(message, context);
      }
    }
    await start({ controllers: [Invoices] });
    expect(await untilLast()).toEqual(['controller last']);
  });

  it('calls the method of the instance as it is then, so that it can be spied on', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'last')
      last() {}
    }
    const spied = new Invoices();
    jest.spyOn(spied, 'last').mockImplementation(called('spy') as () => void);
    await start({ providers: [{ provide: 'invoices', useValue: spied }] });
    expect(await untilLast()).toEqual(['spy last']);
  });

  it('shares one connection between all methods of a source', async () => {
    @Injectable()
    class One {
      @OnSseEvent('billing', 'last')
      last(message: ReceivedMessage, context: SseEventContext) {
        called('one')(message, context);
      }
    }
    @Injectable()
    class Two {
      @OnSseEvent('billing', 'last')
      last(message: ReceivedMessage, context: SseEventContext) {
        called('two')(message, context);
      }
    }
    await start({ providers: [One, Two] });
    await calls.count(2);
    expect(calls.all.map(({ by }) => by).sort()).toEqual(['one', 'two']);
    expect(server.requests).toHaveLength(1);
  });

  it('runs the methods for one message at once, and the next message when all have finished', async () => {
    const slow = deferred();
    const order = new Arrivals<string>();
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', ['invoice.paid', 'invoice.sent'])
      async slow({ event }: ReceivedMessage) {
        order.add(`slow begins ${event}`);
        await slow.promise;
        order.add(`slow ends ${event}`);
      }
      @OnSseEvent('billing', ['invoice.paid', 'invoice.sent'])
      async fast({ event }: ReceivedMessage) {
        order.add(`fast ${event}`);
      }
    }
    const { source } = await start({ providers: [Invoices] });
    await order.count(2);
    expect(order.all).toEqual(['slow begins invoice.paid', 'fast invoice.paid']);
    expect(source('billing').lastEventId).toBe('');
    slow.resolve();
    await order.count(6);
    expect(order.all.slice(2)).toEqual([
      'slow ends invoice.paid',
      'slow begins invoice.sent',
      'fast invoice.sent',
      'slow ends invoice.sent',
    ]);
  });

  it('passes over what nobody is for: the cursor moves', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'last')
      last(message: ReceivedMessage, context: SseEventContext) {
        called(running?.source('billing').lastEventId ?? '')(message, context);
      }
    }
    await start({ providers: [Invoices] });
    expect(await untilLast()).toEqual(['3 last']);
    await running?.close();
    expect(running?.source('billing').lastEventId).toBe('4');
  });
});
