import 'reflect-metadata';
import { ApiExtraModels, ApiHeader, ApiNoContentResponse, ApiResponse } from '@nestjs/swagger';
import { onceStreamRoute } from '../pusher/internal.js';
import type { ApiSseStreamOptions } from './api-sse-stream-options.js';
import { eventModels } from './event-models.js';
import { eventSchema } from './event-schema.js';
import { modelPrefix } from './model-names.js';

const DESCRIBED = Symbol('nestjs-event-stream.described');

/** Whether a handler has a description as a stream. */
export function isDescribed(handler: object): boolean {
  return Reflect.hasOwnMetadata(DESCRIBED, handler);
}

/** Puts on a method what the decorators of `@nestjs/swagger` would. What else it has of them stays. */
export function describeStream(
  target: object,
  method: string | symbol,
  descriptor: PropertyDescriptor,
  options: ApiSseStreamOptions,
): void {
  const { events = {}, description = 'A stream of server-sent events.', lastEventId = true, ends } = options;
  const models = eventModels(events, options.name ?? modelPrefix(target.constructor.name, method));
  const decorators = [
    ApiExtraModels(...models.map(({ model }) => model)),
    // Not by @ApiProduces(), which would make errors a stream, too.
    ApiResponse({ status: 200, description, content: { 'text/event-stream': { schema: eventSchema(models) } } }),
    ...(lastEventId ? [LastEventIdHeader()] : []),
    ...(ends ? [NoMore()] : []),
  ];
  for (const decorate of decorators) decorate(target, method, descriptor);
  if (ends === undefined) {
    onceStreamRoute(descriptor, ({ onEnd }, routed) => {
      if (onEnd === 'stop') NoMore()(target, method, routed);
    });
  }
  Reflect.defineMetadata(DESCRIBED, true, descriptor.value);
}

function LastEventIdHeader(): MethodDecorator {
  const description = 'The id of the last event that the client has seen. EventSource sends it when it reconnects.';
  return ApiHeader({ name: 'Last-Event-ID', required: false, description });
}

function NoMore(): MethodDecorator {
  return ApiNoContentResponse({ description: 'The stream has ended for good. EventSource does not come back.' });
}
