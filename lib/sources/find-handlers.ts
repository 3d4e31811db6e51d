import type { Type } from '@nestjs/common';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { SseOptionsError } from '../protocol/index.js';
import type { SseDeadLetters } from './dead-letters.js';
import { type EventMark, marksOf } from './event-mark.js';
import { SseHandlerScopeError } from './handler-scope.error.js';
import { SourceHandler } from './source-handler.js';

/** What is asked of Nest to find the handlers of an application. */
export interface HandlerSearch {
  readonly discovery: DiscoveryService;
  readonly scanner: MetadataScanner;
  /** Gives the provider of a class. Throws where there is none, or more than one instance of it. */
  lookup(type: Type<SseDeadLetters>): SseDeadLetters;
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** What was found. */
export interface FoundHandlers {
  readonly handlers: readonly SourceHandler[];
  /** The modules that they are in. */
  readonly hosts: ReadonlySet<NonNullable<Wrapper['host']>>;
}

/**
 * All handlers of the application: what the providers and controllers of its modules have, or inherit.
 *
 * @throws SseHandlerScopeError where there is not exactly one instance to call
 * @throws SseOptionsError where nobody provides the class that is to get dead letters
 */
export function findHandlers({ discovery, scanner, lookup }: HandlerSearch): FoundHandlers {
  // An alias is the same instance under another name.
  const seen = new Set<object>();
  const hosts = new Set<NonNullable<Wrapper['host']>>();
  const handlers = [...discovery.getProviders(), ...discovery.getControllers()].flatMap((wrapper) => {
    const prototype = prototypeOf(wrapper);
    if (!prototype) return [];
    const marked = scanner.getAllMethodNames(prototype).flatMap((method) => {
      return marksOf(prototype[method] as object).map((mark) => ({ method, mark }));
    });
    if (marked[0]) assertSingleton(wrapper, prototype, marked[0].method);
    if (marked.length === 0 || seen.has(wrapper.instance)) return [];
    seen.add(wrapper.instance);
    if (wrapper.host) hosts.add(wrapper.host);
    return marked.map(({ method, mark }) => {
      const name = `${classNameOf(prototype)}.${method}`;
      return new SourceHandler(name, wrapper.instance, method, mark, whatOnFailure(mark, name, lookup));
    });
  });
  return { handlers, hosts };
}

/** What is made for each request has an instance, too: one that no constructor was called for. */
function prototypeOf({ instance }: Wrapper): Record<string, unknown> | undefined {
  return typeof instance === 'object' && instance !== null ? Object.getPrototypeOf(instance) : undefined;
}

function assertSingleton(wrapper: Wrapper, prototype: object, method: string): void {
  const className = classNameOf(prototype);
  if (wrapper.isTransient) throw new SseHandlerScopeError(className, method, 'transient');
  if (!wrapper.isDependencyTreeStatic()) throw new SseHandlerScopeError(className, method, 'request-scoped');
}

function whatOnFailure({ onFailure = 'stop' }: EventMark, handler: string, lookup: HandlerSearch['lookup']) {
  if (onFailure === 'stop' || onFailure === 'skip') return onFailure;
  try {
    return lookup(onFailure);
  } catch (cause) {
    const problem = `of @OnSseEvent() on ${handler} is the class ${onFailure.name}, which no module provides as a singleton: add it to the providers of one`;
    throw new SseOptionsError([{ option: 'onFailure', problem }], { cause });
  }
}

function classNameOf(prototype: object): string {
  return prototype.constructor.name;
}
