import { describe, expect, it } from '@jest/globals';
import { farewellFrame, TERMINAL_ID } from './farewell.js';

describe('farewellFrame', () => {
  it('gives the closing message the terminal id, or sends the bare id, when nobody shall come back', () => {
    const frame = (closeMessage?: object | string) => farewellFrame('ended', { onEnd: 'stop', closeMessage });
    expect(frame({ event: 'done', data: 1 })).toBe(`id: ${TERMINAL_ID}\nevent: done\ndata: 1\n\n`);
    expect(frame('done')).toBe(`id: ${TERMINAL_ID}\ndata: done\n\n`);
    expect(frame(undefined)).toBe(`id: ${TERMINAL_ID}\n\n`);
  });

  it('is the closing message alone for other ends in good order, and nothing after an error', () => {
    expect(farewellFrame('ended', { onEnd: 'reconnect', closeMessage: 'bye' })).toBe('data: bye\n\n');
    expect(farewellFrame('shutdown', { onEnd: 'stop', closeMessage: 'bye' })).toBe('data: bye\n\n');
    expect(farewellFrame('error', { onEnd: 'stop', closeMessage: 'bye' })).toBeUndefined();
    expect(farewellFrame('max-age', { onEnd: 'reconnect' })).toBeUndefined();
  });
});
