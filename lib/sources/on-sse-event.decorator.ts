import type { SseOptionProblem } from '../protocol/index.js';
import {
  assertOptions,
  count,
  describe,
  findOptionProblems,
  isObject,
  type OptionRules,
} from '../protocol/internal.js';
import type { SseEventHandler, SseEventHandlerOptions } from './event-handler-options.js';
import { addMark } from './event-mark.js';

/** Refuses, at compile time, a method that takes anything else. */
export type SseEventDecorator = <H extends SseEventHandler>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<H>,
) => void;

const rules: OptionRules<SseEventHandlerOptions> = {
  attempts: count({ min: 1 }),
  onFailure: (value) =>
    value === 'stop' || value === 'skip' || typeof value === 'function'
      ? undefined
      : `must be "stop", "skip" or the class of a provider, got ${describe(value)}`,
};

/**
 * Has a method of a provider or controller called with the events of a source, one message at a time. All methods that a
 * message is for run at once; when all of them have finished, the source's cursor moves and the next message follows.
 * Events that no method is for are passed over.
 *
 * A method that throws (or rejects) is called again, with pauses of 100 ms, 200 ms, ... up to 5 s, and a random part;
 * the others are not. After the last attempt, `onFailure` says how it goes on. An Observable that it returns is subscribed
 * to, and waited for. The message is frozen: all methods and attempts share it.
 *
 * With a `cursorStore` among the options of the source, a message is handled at least once: it comes again after a crash,
 * or a shutdown before the methods had finished. Without one it is lost then, unless the server sends it again by itself.
 *
 * The class must have the default scope. Guards, pipes, interceptors and filters do not apply: there is no request. What
 * a method throws is logged with its message, so that should not quote the data.
 *
 * Sources connect when every `onApplicationBootstrap()` is done, and end before any `onModuleDestroy()` is called: a
 * database, for one, is there before and after. A method that waits for `app.close()` is cut off after `stopTimeoutMs`.
 *
 * A method may have several of these decorators. Each counts by itself: a message that is for two of them comes twice; so
 * it does to a class that two modules provide. The mark is on the function: an override without the decorator is no
 * handler, nor is what a decorator above this one puts in its place without copying the metadata. Not found either are
 * methods of what a request-scoped or transient factory gives, and of modules that are loaded lazily.
 *
 * @param source the name of a source in `SseModule.forRoot()` or `forFeature()`
 * @param event the event's name, or several of them; every event when left out. (One without a name is a `message`.)
 * @throws SseOptionsError at once, for arguments that cannot be used, and on a static method or a generator
 * @throws SseUnknownSourceError when the application starts, for a source that no module has
 * @throws SseHandlerScopeError when the application starts, for a class that is request-scoped or transient
 * @throws SseOptionsError when the application starts, for an `onFailure` class that is not provided exactly once; and in
 *   the place of all these where there are several problems, with each of them
 *
 * @example
 * ```ts
 * class Invoices { @OnSseEvent('billing', 'invoice.paid', { attempts: 5, onFailure: 'skip' })
 *   async markPaid(message: ReceivedMessage, { signal }: SseEventContext) {
 *     await this.invoices.markPaid(message.json(Invoice).id, { signal });
 *   }
 * }
 * ```
 */
export function OnSseEvent(
  source: string,
  event: string | readonly string[] | undefined,
  options?: SseEventHandlerOptions,
): SseEventDecorator;
/**
 * The same for every event of a source.
 *
 * @param source the name of a source in `SseModule.forRoot()` or `forFeature()`
 * @param options what happens with a message that the method fails with
 * @throws SseOptionsError, and when the application starts all else that goes for named events
 *
 * @example
 * ```ts
 * class Stock { @OnSseEvent('stock')
 *   take(message: ReceivedMessage) {
 *     Object.assign(this.levels, message.json());
 *   }
 * }
 * ```
 */
export function OnSseEvent(source: string, options?: SseEventHandlerOptions): SseEventDecorator;
export function OnSseEvent(
  source: string,
  eventOrOptions?: string | readonly string[] | SseEventHandlerOptions,
  eventOptions?: SseEventHandlerOptions,
): SseEventDecorator {
  const hasOptionsOnly = isOptions(eventOrOptions);
  const event = hasOptionsOnly ? undefined : eventOrOptions;
  const options = (hasOptionsOnly ? eventOrOptions : eventOptions) ?? {};
  assertOptions([...problemsOfSource(source), ...problemsOfEvent(event), ...findOptionProblems(options, rules)]);
  return (target, method, descriptor) => {
    assertOptions(problemsOfPlace(target, method, descriptor));
    const events = event === undefined ? {} : { events: new Set([event].flat()) };
    addMark(descriptor.value as object, { ...options, source, ...events });
  };
}

function isOptions(value: unknown): value is SseEventHandlerOptions {
  return isObject(value);
}

function problemsOfSource(source: unknown): SseOptionProblem[] {
  if (typeof source === 'string' && source !== '') return [];
  return [{ option: 'source', problem: `must be the name of a source, got ${describe(source)}` }];
}

function problemsOfEvent(event: unknown): SseOptionProblem[] {
  if (event === undefined) return [];
  if (Array.isArray(event) && event.length === 0) {
    return [{ option: 'event', problem: 'must name at least one event; leave it out for every event' }];
  }
  return [event].flat().flatMap((name) => (isEventName(name) ? [] : [{ option: 'event', problem: badName(name) }]));
}

/** WHATWG HTML, section 9.2.6: a line cannot hold its end, and an event without a name is called `message`. */
function isEventName(name: unknown): boolean {
  return typeof name === 'string' && name !== '' && !/[\r\n]/.test(name);
}

function badName(name: unknown): string {
  return `must be the name of an event, or several of them, got ${describe(name)}`;
}

/** Nest's scanner sees methods of prototypes whose names are strings; and a generator runs only when it is iterated. */
function problemsOfPlace(
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor | undefined,
): SseOptionProblem[] {
  const owner = typeof target === 'function' ? target : target.constructor;
  const problem = problemOfPlace(target, method, descriptor?.value);
  return problem ? [{ option: '@OnSseEvent()', problem: `${problem}; ${owner.name}.${String(method)} is none` }] : [];
}

function problemOfPlace(target: object, method: string | symbol, value: unknown): string | undefined {
  if (typeof target !== 'object' || typeof method !== 'string' || typeof value !== 'function') {
    return 'must be put on a method whose name is a string, and which is not static';
  }
  return /Generator/.test(Object.prototype.toString.call(value))
    ? 'must be put on a method that runs when it is called, no generator: a plain or an async one'
    : undefined;
}
