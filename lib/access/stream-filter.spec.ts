import { describe, expect, it } from '@jest/globals';
import { matches } from './stream-filter.js';

const stream = { streamId: 7, route: 'Rooms.follow', lastEventId: undefined, keys: { user: '7', tenant: 'acme' } };

describe('a filter of streams', () => {
  it.each([
    [{}, true],
    [{ id: 7 }, true],
    [{ id: 8 }, false],
    [{ route: 'Rooms.follow' }, true],
    [{ route: 'Rooms' }, false],
    [{ keys: { user: '7' } }, true],
    [{ keys: { user: 7 } }, true],
    [{ keys: { user: '7', tenant: 'acme' } }, true],
    [{ keys: { user: '7', tenant: 'other' } }, false],
    [{ keys: { ip: '::1' } }, false],
    [{ id: 7, route: 'Rooms.follow', keys: { tenant: 'acme' } }, true],
    [{ id: 7, route: 'Other.follow', keys: { tenant: 'acme' } }, false],
    [{ id: 8, route: 'Rooms.follow', keys: { tenant: 'acme' } }, false],
  ])('means what all of it says: %j', (filter, expected) => {
    expect(matches(filter, stream)).toBe(expected);
  });

  it('takes a key that has turned out to be undefined for nobody', () => {
    expect(matches({ keys: { user: undefined as never } }, { ...stream, keys: {} })).toBe(false);
  });

  it('does not take what every object has for a key', () => {
    expect(matches({ keys: { constructor: String(Object) } }, stream)).toBe(false);
  });
});
