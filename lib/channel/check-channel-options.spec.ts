import { describe, expect, it } from '@jest/globals';
import { backplane } from './check-channel-options.js';
import { MemoryBackplane } from './memory-backplane.js';

describe('what is given as a backplane', () => {
  it('must have all that one has', () => {
    expect(backplane(new MemoryBackplane())).toBeUndefined();
    expect(backplane(Object.assign(new MemoryBackplane(), { sync: undefined, stop: 1 }))).toBe(
      'must be a backplane; it has no sync, stop()',
    );
    expect(backplane('redis://localhost')).toMatch(/^must be a backplane, got /);
  });
});
