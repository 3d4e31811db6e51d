import type { ContextType, ExecutionContext, Type } from '@nestjs/common';

/** The context of a request as hooks see it; Nest makes none for the handler itself. */
export class RequestContext implements ExecutionContext {
  readonly #controller: Type;
  readonly #handler: Function;
  readonly #request: unknown;
  readonly #response: unknown;

  constructor(controller: Type, handler: Function, request: unknown, response: unknown) {
    this.#controller = controller;
    this.#handler = handler;
    this.#request = request;
    this.#response = response;
  }

  getClass<T = any>(): Type<T> {
    return this.#controller;
  }

  getHandler(): Function {
    return this.#handler;
  }

  getArgs<T extends any[] = any[]>(): T {
    return [this.#request, this.#response] as unknown as T;
  }

  getArgByIndex<T = any>(index: number): T {
    return this.getArgs()[index] as T;
  }

  getType<T extends string = ContextType>(): T {
    return 'http' as T;
  }

  switchToHttp(): ReturnType<ExecutionContext['switchToHttp']> {
    return {
      getRequest: () => this.getArgByIndex(0),
      getResponse: () => this.getArgByIndex(1),
      getNext: () => this.getArgByIndex(2),
    };
  }

  switchToRpc(): ReturnType<ExecutionContext['switchToRpc']> {
    return { getData: () => this.getArgByIndex(0), getContext: () => this.getArgByIndex(1) };
  }

  switchToWs(): ReturnType<ExecutionContext['switchToWs']> {
    return {
      getClient: () => this.getArgByIndex(0),
      getData: () => this.getArgByIndex(1),
      getPattern: () => this.getArgByIndex(2),
    };
  }
}
