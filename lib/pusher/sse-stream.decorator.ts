import { Get, HttpCode, Inject, Optional, Req, Res } from '@nestjs/common';
import {
  HTTP_CODE_METADATA,
  METHOD_METADATA,
  PARAMTYPES_METADATA,
  PROPERTY_DEPS_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { assertOptions } from '../protocol/internal.js';
import { findStreamOptionProblems } from './check-stream-options.js';
import { RouteNames } from './route-names.js';
import { serveStream } from './serve-stream.js';
import type { SseSource } from './sources.js';
import { SsePusherFactory } from './sse-pusher.factory.js';
import type { SseStreamOptions } from './stream-options.js';
import { streamParameters } from './stream-parameters.js';
import { markStreamRoute } from './stream-route.js';

/** What a handler of `@SseStream()` may return. `void`: it drives the pusher that it has taken with `@Pusher()`. */
export type SseHandlerResult = void | SseSource | Promise<void | SseSource>;

/** Refuses, at compile time, a method that returns anything that cannot be streamed. */
export type SseStreamDecorator = <H extends (...args: any[]) => SseHandlerResult>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<H>,
) => void;

/** The property of a controller that holds the factory. A symbol, so that it meets no property of the class. */
const FACTORY: unique symbol = Symbol('nestjs-event-stream.factory');

/**
 * Where Nest hands request and response over to the wrapper: behind all parameters that a method may have, and at the same
 * place on every method. An override inherits the places of the method that it overrides, which with a place that depends
 * on the number of parameters could be those of its own parameters.
 */
const REQUEST_INDEX = 100;

/**
 * Turns a controller method into a route that streams events: `GET` on the path, or whatever another method decorator
 * says, in either order; the path and method of that one win, the status is 200 all the same.
 *
 * The method takes `@Pusher()` and drives it, or returns an Observable, an (async) iterable or a ReadableStream of
 * messages, or a promise of one. What it throws before the stream opens gets its real status; guards, pipes,
 * interceptors and filters work as on any route. Interceptors see the handler settle when the stream opens.
 *
 * Called without a request, in a unit test, the method is the one that you wrote.
 *
 * @param path relative to the controller's
 * @param options what is different from the module's defaults
 * @throws SseOptionsError at start-up, for options that cannot be used
 *
 * @example
 * ```ts
 * class Ticks { @SseStream('ticks', { pingMs: 5000 })
 *   ticks(): Observable<SseMessage> {
 *     return interval(1000).pipe(map((n) => ({ id: String(n), data: { n } })));
 *   }
 * }
 *
 * class Chat { @Post('chat') @SseStream()
 *   async *chat(@Body() { prompt }: Question, @Pusher() { signal }: SsePusher) {
 *     for await (const token of this.model.ask(prompt, { signal })) yield { data: token };
 *   }
 * }
 * ```
 */
export function SseStream(path: string | string[], options?: SseStreamOptions): SseStreamDecorator;
/**
 * The same on the controller's own path, or on that of another method decorator.
 *
 * @param options what is different from the module's defaults
 * @throws SseOptionsError at start-up, for options that cannot be used
 *
 * @example
 * ```ts
 * class Chat { @Post('chat') @SseStream({ onEnd: 'stop' })
 *   async *chat(@Body() { prompt }: Question) {
 *     yield* this.model.ask(prompt);
 *   }
 * }
 * ```
 */
export function SseStream(options?: SseStreamOptions): SseStreamDecorator;
export function SseStream(
  pathOrOptions: string | string[] | SseStreamOptions = '',
  pathOptions?: SseStreamOptions,
): SseStreamDecorator {
  const hasPath = typeof pathOrOptions === 'string' || Array.isArray(pathOrOptions);
  const path = hasPath ? pathOrOptions : '';
  const options = hasPath ? pathOptions : pathOrOptions;
  assertOptions(options === undefined ? [] : findStreamOptionProblems(options));
  return (target, method, descriptor) => {
    const original = descriptor.value as unknown as (...args: unknown[]) => unknown;
    const parameterCount = countParameters(target, method, original);
    const parameters = streamParameters(target, method);
    const routes = new RouteNames(method);

    const wrapper = function (this: { [FACTORY]?: SsePusherFactory }, ...args: unknown[]): unknown {
      const request = args[REQUEST_INDEX];
      const response = args[REQUEST_INDEX + 1];
      if (!isResponse(response)) {
        return original.apply(this, args);
      }
      return serveStream({
        controller: this,
        factory: this[FACTORY],
        handler: wrapper,
        original,
        route: routes.of(this.constructor),
        args: args.slice(0, parameterCount),
        parameters,
        request,
        response,
        options,
      });
    };
    Object.defineProperty(wrapper, 'name', { value: original.name });
    copyMetadata(original, wrapper);
    descriptor.value = wrapper as any;

    routeUnlessRouted(path, target, method, descriptor);
    Req()(target, method, REQUEST_INDEX);
    Res({ passthrough: true })(target, method, REQUEST_INDEX + 1);
    injectFactory(target);
    markStreamRoute(descriptor, options);
  };
}

/** `fn.length` stops at the first default value, and type metadata may be missing, so that all sources are asked. */
function countParameters(target: object, method: string | symbol, original: Function): number {
  const types: unknown[] = Reflect.getMetadata(PARAMTYPES_METADATA, target, method) ?? [];
  const nestArgs: Record<string, { index: number }> =
    Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, method) ?? {};
  const indexes = [...Object.values(nestArgs).map(({ index }) => index), ...streamParameters(target, method).keys()];
  const own = indexes.filter((index) => index < REQUEST_INDEX);
  return Math.max(types.length, original.length, ...own.map((index) => index + 1));
}

function isResponse(value: unknown): boolean {
  const response = (value as { raw?: unknown } | undefined)?.raw ?? value;
  return typeof (response as { writeHead?: unknown } | undefined)?.writeHead === 'function';
}

function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.getOwnMetadataKeys(from)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, from), to);
  }
}

function routeUnlessRouted(
  path: string | string[],
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor,
): void {
  if (!Reflect.hasOwnMetadata(METHOD_METADATA, descriptor.value)) {
    Get(path)(target, method, descriptor);
  }
  if (!Reflect.hasOwnMetadata(HTTP_CODE_METADATA, descriptor.value)) {
    HttpCode(200)(target, method, descriptor);
  }
}

function injectFactory(target: object): void {
  const injected: { key: string | symbol }[] = Reflect.getMetadata(PROPERTY_DEPS_METADATA, target.constructor) ?? [];
  if (!injected.some(({ key }) => key === FACTORY)) {
    Optional()(target, FACTORY);
    Inject(SsePusherFactory)(target, FACTORY);
  }
}
