import { describe, expect, it } from '@jest/globals';
import { findCursorProblems, positionsFor } from './cursor-options.js';

const SECRET = 'S3cret'.repeat(6);

describe('the option cursor', () => {
  it.each([[{ secret: SECRET }], [{ secret: [SECRET] }], [{ secret: [SECRET, 'é'.repeat(16)] }]])(
    'may be %j',
    (cursor) => {
      expect(findCursorProblems(cursor)).toEqual([]);
    },
  );

  it.each([
    [SECRET, 'cursor', 'must be an object with a secret'],
    [null, 'cursor', 'must be an object with a secret'],
    [[SECRET], 'cursor', 'must be an object with a secret'],
    [{}, 'cursor.secret', 'must be a string of at least 32 random bytes'],
    [{ secret: undefined }, 'cursor.secret', 'must be a string of at least 32 random bytes'],
    [{ secret: SECRET.slice(0, 31) }, 'cursor.secret', 'must be a string of at least 32 random bytes'],
    [{ secret: 12345678901 }, 'cursor.secret', 'must be a string of at least 32 random bytes'],
    [{ secret: [] }, 'cursor.secret', 'must have at least one secret'],
    [{ secret: [SECRET, SECRET.slice(5)] }, 'cursor.secret', 'number 2 is not a string of at least 32'],
    [{ secret: [undefined, SECRET] }, 'cursor.secret', 'number 1 is not a string of at least 32'],
    [{ secret: SECRET, secrets: SECRET }, 'cursor.secrets', 'is not an option; known are secret'],
  ])('is not %j, and says so without a word of what was given', (cursor, option, problem) => {
    const problems = findCursorProblems(cursor);
    expect(problems).toEqual([{ option, problem: expect.stringContaining(problem) }]);
    expect(JSON.stringify(problems)).not.toMatch(/S3cret|12345/);
  });

  it('makes ids opaque when it is given, and only then', () => {
    expect(positionsFor(undefined).areOpaque).toBe(false);
    const ids = [SECRET, [SECRET], [SECRET, `${SECRET}2`]].map((secret) =>
      positionsFor({ secret }).idOfMessage({ epoch: 'x', seq: 1 }),
    );
    expect(new Set(ids).size).toBe(1);
    expect(positionsFor({ secret: SECRET }).areOpaque).toBe(true);
  });
});
