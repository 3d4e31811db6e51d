import type { Type } from '@nestjs/common';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { type EventMark, marksOf } from './event-mark.js';
import { findDeadLetters, type InstancesOf } from './find-dead-letters.js';
import { SseHandlerScopeError } from './handler-scope.error.js';
import { SourceHandler } from './source-handler.js';
import type { StartUpProblems } from './start-up-problems.js';

/** What is asked of Nest to find the handlers of an application. */
export interface HandlerSearch {
  readonly discovery: DiscoveryService;
  readonly scanner: MetadataScanner;
  readonly instancesOf: InstancesOf;
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/**
 * All handlers of the application: what the providers and controllers of its modules have, or inherit.
 *
 * @param problems gets an SseHandlerScopeError where there is not exactly one instance to call, and an SseOptionsError
 *   where nobody can get the dead letters
 */
export function findHandlers(
  { discovery, scanner, instancesOf }: HandlerSearch,
  problems: StartUpProblems,
): SourceHandler[] {
  // An alias is the same instance under another name.
  const seen = new Set<object>();
  return [...discovery.getProviders(), ...discovery.getControllers()].flatMap((wrapper) => {
    const prototype = prototypeOf(wrapper);
    if (!prototype || seen.has(wrapper.instance)) return [];
    const marked = scanner.getAllMethodNames(prototype).flatMap((method) => {
      return marksOf(prototype[method] as object).map((mark) => ({ method, mark }));
    });
    if (!marked[0]) return [];
    const scope = scopeOf(wrapper);
    if (scope) {
      const error = new SseHandlerScopeError(classNameOf(prototype), marked[0].method, scope);
      problems.addHandler(nameOf(prototype, marked[0].method), error);
      return [];
    }
    seen.add(wrapper.instance);
    return marked.map(({ method, mark }) => {
      const name = nameOf(prototype, method);
      const onFailure = typeof mark.onFailure === 'function' ? lettersOf(mark.onFailure, name) : mark.onFailure;
      return new SourceHandler(name, wrapper.instance, method, mark, onFailure ?? 'stop');
    });
  });

  function lettersOf(type: Extract<EventMark['onFailure'], Type>, handler: string) {
    const found = findDeadLetters(type, instancesOf);
    if (typeof found !== 'string') return found;
    problems.addOptions([{ option: 'onFailure', problem: `of @OnSseEvent() on ${handler} is ${found}` }]);
    return undefined;
  }
}

/** What is made for each request has an instance, too: one that no constructor was called for. */
function prototypeOf({ instance }: Wrapper): Record<string, unknown> | undefined {
  return typeof instance === 'object' && instance !== null ? Object.getPrototypeOf(instance) : undefined;
}

function scopeOf(wrapper: Wrapper): 'transient' | 'request-scoped' | undefined {
  if (wrapper.isTransient) return 'transient';
  return wrapper.isDependencyTreeStatic() ? undefined : 'request-scoped';
}

function nameOf(prototype: object, method: string): string {
  return `${classNameOf(prototype)}.${method}`;
}

function classNameOf(prototype: object): string {
  return prototype.constructor.name;
}
