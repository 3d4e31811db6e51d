import { describe, expect, it } from '@jest/globals';
import { ApiSseStream } from './api-sse-stream.decorator.js';
import type { ApiSseStreamOptions } from './api-sse-stream-options.js';

describe('@ApiSseStream()', () => {
  it('names all that is wrong with its options', () => {
    const events = { created: undefined, moved: [undefined], deleted: 'string' };
    const options = { events, description: 1, name: 'a b', lastEventId: 'no', ends: 1, schema: {} };
    const paths = ['description', 'name', 'lastEventId', 'ends', 'schema', 'events.created', 'events.moved'];
    expect(() => ApiSseStream(options as unknown as ApiSseStreamOptions)).toThrow(
      expect.objectContaining({
        code: 'SSE_OPTIONS',
        problems: [...paths, 'events.deleted'].map((option) => expect.objectContaining({ option })),
      }),
    );
    expect(() => ApiSseStream({ events: {} })).toThrow(/at least one event/);
  });
});
