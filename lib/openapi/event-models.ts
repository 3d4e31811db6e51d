import type { Type } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import type { SseEventData } from './api-sse-stream-options.js';
import { ModelNames } from './model-names.js';

/** A schema of the document, for the events of one name. */
export interface EventModel {
  readonly event: string;
  readonly model: Type<unknown>;
}

/**
 * A class for each event, for schemas that a discriminator tells apart must have names, and only classes have those.
 *
 * @param prefix what the names of all of them begin with
 */
export function eventModels(events: Readonly<Record<string, SseEventData>>, prefix: string): EventModel[] {
  const names = new ModelNames(prefix);
  return Object.entries(events).map(([event, data]) => ({ event, model: eventModel(event, data, names.of(event)) }));
}

function eventModel(event: string, data: SseEventData, name: string): Type<unknown> {
  const model = class {};
  Object.defineProperty(model, 'name', { value: name });
  const has = (property: string, options: ApiPropertyOptions) => ApiProperty(options)(model.prototype, property);
  has('id', { type: String, required: false, description: 'What a client that comes back sends as Last-Event-ID' });
  has('event', { enum: [event], ...(event === 'message' && { description: UNNAMED }) });
  has('data', toProperty(data));
  return model;
}

const UNNAMED = 'Not on the wire: an event without a name is a "message"';

function toProperty(data: SseEventData): ApiPropertyOptions {
  const isType = typeof data === 'function' || Array.isArray(data);
  return (isType ? { type: data } : data) as ApiPropertyOptions;
}
