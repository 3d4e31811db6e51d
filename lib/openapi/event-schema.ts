import { getSchemaPath } from '@nestjs/swagger';
import type { EventModel } from './event-models.js';

/**
 * The schema of one event. OpenAPI before 3.2 has no word for a stream of them: tools take the schema of a
 * `text/event-stream` as that of each event.
 */
export function eventSchema(models: readonly EventModel[]) {
  const [first, ...others] = models.map(({ event, model }) => ({ event, $ref: getSchemaPath(model) }));
  if (!first) {
    return { type: 'string' };
  }
  if (others.length === 0) {
    return { $ref: first.$ref };
  }
  const all = [first, ...others];
  return {
    oneOf: all.map(({ $ref }) => ({ $ref })),
    discriminator: {
      propertyName: 'event',
      mapping: Object.fromEntries(all.map(({ event, $ref }) => [event, $ref])),
    },
  };
}
