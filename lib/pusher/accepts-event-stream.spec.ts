import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { acceptsEventStream } from './accepts-event-stream.js';

describe('acceptsEventStream', () => {
  it.each([
    undefined,
    '',
    ' , ,',
    'text/event-stream',
    'TEXT/Event-Stream',
    'text/event-stream; charset=utf-8',
    '*/*',
    'text/*',
    'text/html, */*;q=0.1',
    'application/json;q=1, text/event-stream;q=0.001',
    'text/event-stream;q=1.000',
    '*/*;q=0, text/event-stream',
    'text/event-stream, */*;q=0',
    'text/*;q=0, text/event-stream;q=0.5',
    'text/html;title="a, text/event-stream;q=0", text/event-stream',
    'text/html;title="\\", ", */*',
    'text/event-stream, text/html;title="\\',
    'text/event-stream;v=1;q=0, text/event-stream;v=2',
    'text/event-stream;v=2, text/event-stream;v=1;q=0',
    'text/event-stream;q=none',
    'text/event-stream;q=0.01',
  ])('takes them with %j', (accept) => {
    expect(acceptsEventStream(accept)).toBe(true);
  });

  it.each([
    'application/json',
    'text/html, application/xhtml+xml, application/xml;q=0.9',
    'text/event-streams',
    'text/event',
    'application/text/event-stream',
    'text/event-stream;q=0',
    'text/event-stream; q=0.000',
    'text/event-stream;Q = 0 ; ext=1',
    'text/event-stream;q=0, */*',
    '*/*, text/event-stream;q=0',
    'text/*;q=0, */*',
    '*/*;q=0',
    'text/html;title=", text/event-stream"',
    'text/event-stream+json',
    'nonsense',
  ])('does not take them with %j', (accept) => {
    expect(acceptsEventStream(accept)).toBe(false);
  });

  it('is not kept busy by what a client makes up', () => {
    const parts = fc.constantFrom('text/', 'event-stream', '*', '/', ',', ';', 'q=0', '"', '\\', ' ', '=', '.');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (made) => typeof acceptsEventStream(made.join('')) === 'boolean'),
    );
    expect(acceptsEventStream(`"${'\\"'.repeat(8000)}`)).toBe(false);
    expect(acceptsEventStream(`${';q= 0.'.repeat(2600)}x`)).toBe(false);
  });
});
