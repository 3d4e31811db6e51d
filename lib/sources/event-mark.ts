import 'reflect-metadata';
import type { SseEventHandlerOptions } from './event-handler-options.js';

/** What one `@OnSseEvent()` says about its method. */
export interface EventMark extends SseEventHandlerOptions {
  readonly source: string;
  /** Absent for every event. */
  readonly events?: ReadonlySet<string>;
}

const MARKS = 'nestjs-event-stream:on-event';

/** On the function, so that an override without the decorator is no handler. */
export function addMark(method: object, mark: EventMark): void {
  Reflect.defineMetadata(MARKS, [mark, ...marksOf(method)], method);
}

export function marksOf(method: object): readonly EventMark[] {
  return Reflect.getOwnMetadata(MARKS, method) ?? [];
}
