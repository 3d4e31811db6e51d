import type { INestApplicationContext } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { streamRouteOptions } from '../pusher/internal.js';
import { describeStream, isDescribed } from './describe-stream.js';

/**
 * Describes every `@SseStream()` route of an application that has no `@ApiSseStream()`, as a stream whose events are not
 * known. Call it before `SwaggerModule.createDocument()`; a second call finds nothing to do.
 *
 * @example
 * ```ts
 * describeSseStreams(app);
 * const document = SwaggerModule.createDocument(app, new DocumentBuilder().build());
 * ```
 */
export function describeSseStreams(app: INestApplicationContext): void {
  const scanner = new MetadataScanner();
  const modules = [...app.get(ModulesContainer).values()];
  for (const { metatype } of modules.flatMap(({ controllers }) => [...controllers.values()])) {
    const prototype: Record<string, Function> = metatype!.prototype;
    for (const name of scanner.getAllMethodNames(prototype)) {
      const handler = prototype[name]!;
      if (streamRouteOptions(handler) && !isDescribed(handler)) {
        describeStream(prototype, name, { value: handler }, {});
      }
    }
  }
}
