import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, type ModuleMetadata } from '@nestjs/common';
import { defer, EMPTY, type Observable, Subject, throwError } from 'rxjs';
import { OnSseEvent, type ReceivedMessage, type SseEventContext } from '../../lib/index.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

describe('a method with @OnSseEvent()', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let running: SourceApp | undefined;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(frame(1, 'first'), frame(2, 'last')));
    seen = new Arrivals();
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

  /** Until a message counts as received, or the source has ended. */
  async function untilMoved(id: string): Promise<void> {
    const source = running!.source('billing');
    while (source.state !== 'closed' && source.lastEventId !== id) await new Promise(setImmediate);
  }

  it('is refused as a generator, of which nothing would run', () => {
    const place = () => {
      class Invoices {
        @OnSseEvent('billing', 'first')
        async *asynchronous() {
          yield await seen.count(0);
        }
      }
      return Invoices;
    };
    const placeOther = () => {
      class Invoices {
        @OnSseEvent('billing', 'first')
        *synchronous() {
          yield 1;
        }
      }
      return Invoices;
    };
    expect(place).toThrow(/'@OnSseEvent\(\)' must be put on a method that runs .*; Invoices\.asynchronous is none/);
    expect(placeOther).toThrow(/Invoices\.synchronous is none/);
  });

  it.each<[string, (observable: Observable<string>) => unknown]>([
    ['an Observable', (observable) => observable],
    ['a promise of an Observable', async (observable) => observable],
  ])('is waited for when it returns %s', async (_what, wrap) => {
    const work = new Subject<string>();
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      any({ event }: ReceivedMessage) {
        return wrap(
          defer(() => {
            seen.add(event);
            return event === 'first' ? work : EMPTY;
          }),
        );
      }
    }
    await start({ providers: [Invoices] });
    await seen.count(1);
    work.next('not the end');
    await new Promise(setImmediate);
    expect({ seen: seen.all, cursor: running?.source('billing').lastEventId }).toEqual({ seen: ['first'], cursor: '' });
    work.complete();
    await untilMoved('2');
    expect(seen.all).toEqual(['first', 'last']);
  });

  it('has failed when the Observable that it returns fails', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'first', { attempts: 2, onFailure: 'skip' })
      any(_message: ReceivedMessage, { attempt }: SseEventContext) {
        seen.add(`attempt ${attempt}`);
        return throwError(() => new Error('boom'));
      }
    }
    const { lines } = await start({ providers: [Invoices] });
    await untilMoved('2');
    expect(seen.all).toEqual(['attempt 1', 'attempt 2']);
    expect(lines.of('error')).toEqual([expect.stringContaining('the message is skipped: boom')]);
  });

  it.each([
    ['undefined', () => Promise.reject(undefined)],
    [
      'null',
      () => {
        throw null;
      },
    ],
    [
      'a symbol',
      () => {
        throw Symbol('x');
      },
    ],
    [
      'an error with a symbol for a message',
      () => {
        throw Object.assign(new Error(), { message: Symbol('x') });
      },
    ],
    [
      'an error that throws when it is read',
      () => {
        throw Object.defineProperty(new Error(), 'message', {
          get() {
            throw new Error('inner');
          },
        });
      },
    ],
    [
      'a frozen object without a prototype',
      () => {
        throw Object.freeze(Object.create(null));
      },
    ],
  ])('skips a message whose method throws %s', async (_what, fail) => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { attempts: 2, onFailure: 'skip' })
      any({ event }: ReceivedMessage, { attempt }: SseEventContext): unknown {
        seen.add(`${event} ${attempt}`);
        return event === 'first' ? fail() : undefined;
      }
    }
    await start({ providers: [Invoices] });
    await untilMoved('2');
    expect(seen.all).toEqual(['first 1', 'first 2', 'last 1']);
  });

  it('has twelve methods fail at once without a warning of a leak', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error) => warnings.push(warning.message);
    process.on('warning', listen);
    const classes = Array.from({ length: 12 }, () => {
      @Injectable()
      class Invoices {
        @OnSseEvent('billing', 'first', { attempts: 2, onFailure: 'skip' })
        any() {
          throw new Error('no');
        }
      }
      return Invoices;
    });
    await start({ providers: classes.map((useClass, n) => ({ provide: `${n}`, useClass })) });
    await untilMoved('2');
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  it('has a method that closes the application, which takes no longer than the stop timeout', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      async any({ event }: ReceivedMessage) {
        seen.add(event);
        await running!.app.close();
      }
    }
    running = await startSources({ billing: { url: server.url, stopTimeoutMs: 20 } }, { providers: [Invoices] });
    await seen.count(1);
    await running.close();
    expect(running.source('billing').state).toBe('closed');
  });

  it('gives each method the message as it came, whatever another does with it', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      vandal(message: ReceivedMessage) {
        try {
          (message as { data: string }).data = 'changed';
        } catch {
          // Frozen: all the better.
        }
      }
      @OnSseEvent('billing')
      reader({ data }: ReceivedMessage) {
        seen.add(data);
      }
    }
    await start({ providers: [Invoices] });
    expect(await seen.count(1)).toEqual(['data 1']);
  });
});
