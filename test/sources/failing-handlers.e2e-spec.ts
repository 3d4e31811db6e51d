import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Injectable, type ModuleMetadata } from '@nestjs/common';
import {
  OnSseEvent,
  type ReceivedMessage,
  type SseDeadLetterFailure,
  type SseDeadLetters,
  type SseEventContext,
} from '../../lib/index.js';
import { stopClock } from '../pusher/support/fake-clock.js';
import { entered } from '../receiver/support/consumers.js';
import { ScriptedServer, stream } from '../receiver/support/scripted-server.js';
import { Arrivals } from './support/arrivals.js';
import { frame, type SourceApp, startSources } from './support/source-app.js';

const SECRET = 'card 4711';
const BAD = frame(1, 'bad', SECRET);
const GOOD = frame(2, 'good');

describe('a method that fails', () => {
  let server: ScriptedServer;
  let seen: Arrivals<string>;
  let running: SourceApp | undefined;

  beforeEach(async () => {
    server = await ScriptedServer.start(stream(BAD, GOOD));
    seen = new Arrivals();
  });

  afterEach(async () => {
    jest.useRealTimers();
    jest.restoreAllMocks();
    await running?.close();
    running = undefined;
    await server.close();
  });

  async function start(metadata: ModuleMetadata, lastEventId = ''): Promise<SourceApp> {
    running = await startSources({ billing: { url: server.url, lastEventId } }, metadata);
    return running;
  }

  /** Fails with the bad event, in so many attempts. */
  function failing(message: ReceivedMessage, { attempt }: SseEventContext, times = Number.POSITIVE_INFINITY): void {
    seen.add(`${message.event} ${attempt}`);
    if (message.event === 'bad' && attempt <= times) throw new Error(`boom ${attempt}`);
  }

  /** Lets time pass until the next attempt is due, not a millisecond longer. */
  async function passTime(ms: number, attempts: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms - 1);
    expect(seen.all).toHaveLength(attempts);
    await jest.advanceTimersByTimeAsync(1);
    expect(seen.all).toHaveLength(attempts + 1);
  }

  it('is called again, up to three times, after 100 ms and 200 ms and a random part', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'bad')
      async failing(message: ReceivedMessage, context: SseEventContext) {
        failing(message, context);
      }
    }
    jest.spyOn(Math, 'random').mockReturnValue(0.5);
    stopClock();
    const { lines, source } = await start({ providers: [Invoices] });
    await lines.lines.first(({ text }) => text.includes('attempt 1'));
    await passTime(150, 1);
    await lines.lines.first(({ text }) => text.includes('attempt 2'));
    await passTime(300, 2);
    await entered(source('billing'), 'closed');
    await jest.advanceTimersByTimeAsync(60_000);
    expect(seen.all).toEqual(['bad 1', 'bad 2', 'bad 3']);
    expect(lines.of('warn')[0]).toBe(
      'Source "billing": Invoices.failing failed with the event "bad" (id "1"), attempt 1; calling it again in 0.1 s: boom 1',
    );
  });

  it('is called as often as it says, with pauses of at most 5 s, until it succeeds', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', { attempts: 10 })
      failing(message: ReceivedMessage, context: SseEventContext) {
        failing(message, context, 8);
      }
    }
    jest.spyOn(Math, 'random').mockReturnValue(0);
    stopClock();
    const { lines } = await start({ providers: [Invoices] });
    for (const [index, ms] of [100, 200, 400, 800, 1600, 3200, 5000].entries()) {
      await lines.lines.first(({ text }) => text.includes(`attempt ${index + 1};`));
      await passTime(ms, index + 1);
    }
    await lines.lines.first(({ text }) => text.includes('attempt 8;'));
    await jest.advanceTimersByTimeAsync(5000);
    await seen.count(10);
    expect(seen.all.slice(8)).toEqual(['bad 9', 'good 1']);
    expect(lines.of('error')).toEqual([]);
  });

  it('is called again alone: not the others that the message is for', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing')
      failing(message: ReceivedMessage, context: SseEventContext) {
        failing(message, context, 1);
      }
      @OnSseEvent('billing')
      other({ event }: ReceivedMessage) {
        seen.add(`other ${event}`);
      }
    }
    await start({ providers: [Invoices] });
    await seen.count(5);
    expect(seen.all).toEqual(['bad 1', 'other bad', 'bad 2', 'good 1', 'other good']);
  });

  it('stops the source by default, before the message: whoever resumes gets it again', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'bad', { attempts: 1 })
      failing(message: ReceivedMessage, context: SseEventContext) {
        failing(message, context);
      }
      @OnSseEvent('billing')
      other({ event }: ReceivedMessage) {
        seen.add(`other ${event}`);
      }
    }
    server.script(stream(frame(0, 'first'), BAD, GOOD));
    const { lines, source } = await start({ providers: [Invoices] });
    await entered(source('billing'), 'closed');
    expect(source('billing').lastEventId).toBe('0');
    expect(seen.all).toEqual(['other first', 'bad 1', 'other bad']);
    const stopped = /Invoices\.failing failed once with the event "bad" \(id "1"\); the source stops .*: boom 1$/;
    expect(lines.of('error')).toEqual([expect.stringMatching(stopped)]);
    await running?.close();

    server.script(stream(BAD, GOOD));
    await start({ providers: [Invoices] }, source('billing').lastEventId);
    await seen.count(5);
    expect(server.requests[1]?.headers['last-event-id']).toBe('0');
    expect(seen.all.slice(3)).toEqual(['bad 1', 'other bad']);
  });

  it('has the message skipped, and logged without its data', async () => {
    @Injectable()
    class Invoices {
      @OnSseEvent('billing', 'bad', { attempts: 1, onFailure: 'skip' })
      parsing(message: ReceivedMessage) {
        message.json();
      }
      @OnSseEvent('billing', 'bad', { attempts: 1, onFailure: 'skip' })
      async reading() {
        await readFile(join(import.meta.dirname, 'nowhere'));
      }
      @OnSseEvent('billing', 'bad', { attempts: 1, onFailure: 'skip' })
      throwing(message: ReceivedMessage) {
        throw message.data;
      }
      @OnSseEvent('billing', 'good')
      good({ event }: ReceivedMessage) {
        seen.add(event);
      }
    }
    const { lines, source } = await start({ providers: [Invoices] });
    await seen.count(1);
    expect(source('billing').lastEventId).toBe('1');
    expect(lines.of('error').sort()).toEqual([
      'Source "billing": Invoices.parsing failed once with the event "bad" (id "1"); the message is skipped: ' +
        'The data of the event "bad" is no JSON; read it as text with .data',
      // An error of another realm, in Jest's sandbox.
      expect.stringMatching(/Invoices\.reading failed once .*: ENOENT: no such file/),
      'Source "billing": Invoices.throwing failed once with the event "bad" (id "1"); the message is skipped: ' +
        'threw a value of type string',
    ]);
    expect(JSON.stringify(lines.lines.all)).not.toContain(SECRET);
    expect(lines.lines.all.some(({ stack }) => String(stack).includes('parsing'))).toBe(true);
  });

  describe('with dead letters', () => {
    let letters: Arrivals<{ message: ReceivedMessage; failure: SseDeadLetterFailure }>;

    class Letters implements SseDeadLetters {
      async deadLetter(message: ReceivedMessage, failure: SseDeadLetterFailure) {
        letters.add({ message, failure });
      }
    }

    class BrokenLetters implements SseDeadLetters {
      deadLetter(message: ReceivedMessage, failure: SseDeadLetterFailure): void {
        letters.add({ message, failure });
        throw new Error('disk full');
      }
    }

    beforeEach(() => {
      letters = new Arrivals();
    });

    it('has the message kept, and the source goes on', async () => {
      @Injectable()
      class Invoices {
        @OnSseEvent('billing', { attempts: 2, onFailure: Letters })
        failing(message: ReceivedMessage, context: SseEventContext) {
          failing(message, context);
        }
      }
      const imports = [{ module: class Elsewhere {}, providers: [Letters] }];
      const { lines, source } = await start({ imports, providers: [Invoices] });
      await seen.count(3);
      expect(seen.all).toEqual(['bad 1', 'bad 2', 'good 1']);
      expect(source('billing').lastEventId).toBe('1');
      expect(letters.all).toEqual([
        {
          message: expect.objectContaining({ event: 'bad', data: SECRET }),
          failure: { source: 'billing', handler: 'Invoices.failing', attempts: 2, error: new Error('boom 2') },
        },
      ]);
      expect(lines.of('error')).toEqual([
        'Source "billing": Invoices.failing failed 2 times with the event "bad" (id "1"); ' +
          'the message is kept as a dead letter: boom 2',
      ]);
    });

    it('stops the source when that fails, too', async () => {
      @Injectable()
      class Invoices {
        @OnSseEvent('billing', { attempts: 1, onFailure: BrokenLetters })
        failing(message: ReceivedMessage, context: SseEventContext) {
          failing(message, context);
        }
      }
      const { lines, source } = await start({ providers: [Invoices, BrokenLetters] });
      await entered(source('billing'), 'closed');
      expect(seen.all).toEqual(['bad 1']);
      expect(letters.all).toHaveLength(1);
      expect(source('billing').lastEventId).toBe('');
      expect(lines.of('error')).toEqual([
        expect.stringMatching(
          /; so did its dead letter \(disk full\), and the source stops before this message: .*: boom 1$/,
        ),
      ]);
    });
  });
});
