import { describe, expect, it } from '@jest/globals';
import { type ReceivedMessage, SseOptionsError } from '../protocol/index.js';
import type { SseEventContext } from './event-handler-options.js';
import { marksOf } from './event-mark.js';
import { OnSseEvent } from './on-sse-event.decorator.js';

function problemsOf(call: () => unknown): Record<string, string> {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(SseOptionsError);
    return Object.fromEntries((error as SseOptionsError).problems.map(({ option, problem }) => [option, problem]));
  }
  throw new Error('The arguments were taken');
}

describe('@OnSseEvent()', () => {
  it('marks the function, with the decorators in the order in which they are written', () => {
    class Handlers {
      @OnSseEvent('billing', ['paid', 'sent'], { attempts: 1 })
      @OnSseEvent('shop')
      any() {}
    }
    expect(marksOf(Handlers.prototype.any)).toEqual([
      { source: 'billing', events: new Set(['paid', 'sent']), attempts: 1 },
      { source: 'shop' },
    ]);
  });

  it.each<[unknown]>([[''], [undefined], [7], [Symbol('billing')]])('refuses %p as a source', (source) => {
    expect(problemsOf(() => OnSseEvent(source as string))['source']).toMatch(/^must be the name of a source, got /);
  });

  it.each<[unknown]>([[''], [7], [null], [['paid', '']], [[undefined]], ['a\nb'], [['a\rb']]])(
    'refuses %p as an event',
    (event) => {
      expect(problemsOf(() => OnSseEvent('billing', event as string))['event']).toMatch(
        /^must be the name of an event/,
      );
    },
  );

  it('refuses no event at all, for that is not every event', () => {
    expect(problemsOf(() => OnSseEvent('billing', []))['event']).toMatch(/^must name at least one event; leave it out/);
  });

  it('takes undefined as every event', () => {
    expect(() => OnSseEvent('billing', undefined, { attempts: 1 })).not.toThrow();
  });

  it('names every problem at once', () => {
    const options = { attempts: 0, onFailure: 'ignore', retries: 3 } as object;
    const problems = problemsOf(() => OnSseEvent('', '', options));
    expect(Object.keys(problems).sort()).toEqual(['attempts', 'event', 'onFailure', 'retries', 'source']);
    expect(problems['attempts']).toBe('must be a whole number ≥ 1, got 0');
    expect(problems['onFailure']).toBe('must be "stop", "skip" or the class of a provider, got "ignore"');
    expect(Object.keys(problemsOf(() => OnSseEvent('billing', options)))).toContain('retries');
    expect(Object.keys(problemsOf(() => OnSseEvent('billing', 'paid', 3 as never)))).toEqual(['options']);
  });

  it('refuses what Nest would not find', () => {
    const place = /'@OnSseEvent\(\)' must be put on a method whose name is a string/;
    const decorate = OnSseEvent('billing');
    expect(() => decorate({}, Symbol('any'), { value: () => {} })).toThrow(place);
    expect(() => decorate({}, 'getter', { get: () => () => {} })).toThrow(place);
    expect(() => decorate(class {}, 'fixed', { value: () => {} })).toThrow(place);
    expect(() => decorate({}, 'property', undefined as never)).toThrow(place);
  });

  it('names class and method where the decorator is misplaced', () => {
    const place = () => {
      class Invoices {
        @(OnSseEvent('billing') as MethodDecorator)
        static any() {}
      }
      return Invoices;
    };
    expect(place).toThrow('Invoices.any');
  });

  it('refuses, at compile time, a method that takes anything else', () => {
    abstract class Handlers {
      @OnSseEvent('billing')
      asynchronous(message: ReceivedMessage, context: SseEventContext): Promise<string> {
        return Promise.resolve(message.data + context.attempt);
      }
      // @ts-expect-error: no message has this type
      @OnSseEvent('billing')
      text(_message: string) {}
      // @ts-expect-error: nobody gives a third argument
      @OnSseEvent('billing')
      three(_message: ReceivedMessage, _context: SseEventContext, _more: string) {}
    }
    expect(marksOf(Handlers.prototype.asynchronous)).toHaveLength(1);
  });
});
