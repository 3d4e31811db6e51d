import { describe, expect, it } from '@jest/globals';
import { BodyExcerpt } from './body-excerpt.js';

describe('BodyExcerpt', () => {
  it('takes 1 KiB, and says when it has enough', () => {
    const excerpt = new BodyExcerpt();
    expect(excerpt.add(Buffer.alloc(1_000, 'a'))).toBe(false);
    expect(excerpt.add(Buffer.alloc(1_000, 'b'))).toBe(true);
    expect(excerpt.toString()).toBe('a'.repeat(1_000) + 'b'.repeat(24));
  });

  it('leaves out a character that was cut in two', () => {
    const excerpt = new BodyExcerpt();
    excerpt.add(Buffer.from(`${'a'.repeat(1_022)}✓`));
    expect(excerpt.toString()).toBe('a'.repeat(1_022));
  });
});
