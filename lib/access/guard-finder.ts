import type { CanActivate, Type } from '@nestjs/common';
import { ContextIdFactory, type ModuleRef, type ModulesContainer } from '@nestjs/core';

type ContextId = ReturnType<typeof ContextIdFactory.create>;
type NestModule = ModulesContainer extends Map<string, infer M> ? M : never;
type Wrapper = NestModule['providers'] extends Map<unknown, infer W> ? W : never;

/** A guard as an option names it. */
export type GuardReference = Type<CanActivate> | CanActivate;

interface FoundGuard {
  readonly token: Parameters<NestModule['providers']['get']>[0];
  readonly wrapper: Wrapper;
}

/** Finds the instances of guards, wherever in the application their classes are. */
export class GuardFinder {
  readonly #modules: ModulesContainer;
  readonly #moduleRef: ModuleRef;
  readonly #found = new Map<Type<CanActivate>, FoundGuard>();

  constructor(modules: ModulesContainer, moduleRef: ModuleRef) {
    this.#modules = modules;
    this.#moduleRef = moduleRef;
  }

  /** @returns what is wrong with a guard, if anything is, without making an instance of it */
  problemOf(guard: GuardReference): string | undefined {
    if (typeof guard !== 'function') {
      return undefined;
    }
    const found = this.#find(guard);
    if (!found) {
      return `names ${guard.name}, which no module has: add it to the providers of one`;
    }
    const { metatype, instance } = found.wrapper as { metatype: Type | null; instance?: Partial<CanActivate> };
    return typeof (instance?.canActivate ?? metatype?.prototype?.canActivate) === 'function'
      ? undefined
      : `names ${guard.name}, which has no canActivate()`;
  }

  /**
   * @param contextOf the request's own context, asked where an instance belongs to a request
   * @throws what its constructor throws, or the rejection of its dependencies
   */
  instanceOf(guard: GuardReference, contextOf: () => ContextId): CanActivate | Promise<CanActivate> {
    if (typeof guard !== 'function') {
      return guard;
    }
    const found = this.#find(guard);
    if (!found) {
      throw new Error(this.problemOf(guard));
    }
    const { token, wrapper } = found;
    return wrapper.isDependencyTreeStatic() && !wrapper.isTransient
      ? (wrapper.instance as CanActivate)
      : this.#moduleRef.resolve<CanActivate>(token as Type<CanActivate>, contextOf(), { strict: false });
  }

  /** The context in which Nest has made what this request needed, or a new one. */
  contextOf(request: unknown): ContextId {
    const contextId = ContextIdFactory.getByRequest(request as object);
    if (contextId !== ContextIdFactory.getByRequest(request as object)) {
      // The request has none: whoever is made in this one shall have the request, too.
      this.#moduleRef.registerRequestByContextId(request, contextId);
    }
    return contextId;
  }

  #find(type: Type<CanActivate>): FoundGuard | undefined {
    let found = this.#found.get(type);
    if (!found) {
      found = this.#search(type);
      if (found) {
        this.#found.set(type, found);
      }
    }
    return found;
  }

  /**
   * Of several instances the one that `ModuleRef.get()` gives, too: the last. A class that was given as `APP_GUARD` has another
   * name.
   */
  #search(type: Type<CanActivate>): FoundGuard | undefined {
    let byName: FoundGuard | undefined;
    let byClass: FoundGuard | undefined;
    for (const { providers, injectables } of this.#modules.values()) {
      for (const [token, wrapper] of [...providers, ...injectables] as [FoundGuard['token'], Wrapper][]) {
        if (token === type) {
          byName = { token, wrapper };
        } else if (wrapper.metatype === type) {
          byClass = { token, wrapper };
        }
      }
    }
    return byName ?? byClass;
  }
}
