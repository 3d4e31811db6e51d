import { describe, expect, it } from '@jest/globals';
import { REPLACED_ID } from '../protocol/internal.js';
import { farewellFrame, isEndedFor, TERMINAL_ID } from './farewell.js';

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

  it('has the id of a replaced stream on its closing message, whatever id that has', () => {
    const frame = (closeMessage?: object | string) => farewellFrame('replaced', { onEnd: 'reconnect', closeMessage });
    expect(frame({ id: '7', event: 'bye' })).toBe(`id: ${REPLACED_ID}\nevent: bye\ndata:\n\n`);
    expect(frame('bye')).toBe(`id: ${REPLACED_ID}\ndata: bye\n\n`);
    expect(frame(undefined)).toBeUndefined();
  });
});

describe('isEndedFor', () => {
  it('knows who was replaced, on any route, and who has come to the end of one that ends for good', () => {
    expect(isEndedFor(REPLACED_ID, { onEnd: 'reconnect' })).toBe(true);
    expect(isEndedFor(TERMINAL_ID, { onEnd: 'stop' })).toBe(true);
    expect(isEndedFor(TERMINAL_ID, { onEnd: 'reconnect' })).toBe(false);
    expect(isEndedFor(undefined, { onEnd: 'stop' })).toBe(false);
  });
});
