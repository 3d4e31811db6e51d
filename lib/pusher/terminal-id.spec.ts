import { describe, expect, it } from '@jest/globals';
import { TERMINAL_ID, terminalFrame } from './terminal-id.js';

describe('terminalFrame', () => {
  it('gives the closing message the terminal id, or sends the bare id', () => {
    expect(terminalFrame({ event: 'done', data: 1 })).toBe(`id: ${TERMINAL_ID}\nevent: done\ndata: 1\n\n`);
    expect(terminalFrame('done')).toBe(`id: ${TERMINAL_ID}\ndata: done\n\n`);
    expect(terminalFrame(undefined)).toBe(`id: ${TERMINAL_ID}\n\n`);
  });
});
