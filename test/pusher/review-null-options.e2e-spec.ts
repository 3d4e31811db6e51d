import { expect, it } from '@jest/globals';
import { SseModule } from '../../lib/index.js';

it('shutdown: null is named as a bad option, rather than failing on a null at start-up', () => {
  expect(() => SseModule.forRoot({ shutdown: null as never })).toThrow(
    expect.objectContaining({ code: 'SSE_OPTIONS', problems: [expect.objectContaining({ option: 'shutdown' })] }),
  );
});
