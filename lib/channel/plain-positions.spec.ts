import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PlainPositions } from './plain-positions.js';

const epoch = fc.stringMatching(/^[0-9A-Za-z]{1,32}$/);
const seq = fc.maxSafeNat();
const positions = new PlainPositions();

describe('plain positions', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(epoch, seq, fc.option(seq, { nil: undefined }), (name, at, told) => {
        const position = { epoch: name, seq: at, told };
        const read = { seq: at, told, isForeign: false };
        expect(positions.read(positions.idOfMessage(position), name)).toEqual(read);
        expect(positions.read(positions.idOfStream(position), name)).toEqual(read);
        expect(positions.read(positions.idOfMessage(position), `${name}x`)).toEqual({ ...read, isForeign: true });
      }),
    );
  });

  it('are nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-z]{0,3}-?[0-9.e+]{0,20}$/)), (text) => {
        const position = positions.read(text, '');
        const written = position && positions.idOfMessage({ ...position, epoch: text.slice(0, text.indexOf('-')) });
        expect(written === undefined || written === text).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    '',
    '-',
    'a-',
    '-1',
    'a-01',
    'a--1',
    'a-1.',
    'a-1.01',
    'a-1.2.3',
    'a-1 ',
    ' a-1',
    'a_b-1',
    'a-1\n',
    `${'a'.repeat(33)}-1`,
    'a-9007199254740992',
    'a-1.9007199254740992',
  ])('are not %j', (text) => {
    expect(positions.read(text, 'a')).toBeUndefined();
  });
});
