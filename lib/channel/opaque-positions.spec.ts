import { afterEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { AesSiv } from './aes-siv.js';
import { OpaquePositions } from './opaque-positions.js';
import { PlainPositions } from './plain-positions.js';

const SECRET = 'a secret of the tests, which has many characters';
const OTHER = 'another secret of the tests, that is as long as that';

const epoch = fc.stringMatching(/^[0-9A-Za-z]{1,32}$/);
const seq = fc.maxSafeNat();
const position = fc.record({
  epoch,
  seq,
  told: fc.option(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { nil: undefined }),
});

function opaque(...secrets: [string, ...string[]]): OpaquePositions {
  return new OpaquePositions(secrets);
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('opaque positions', () => {
  const positions = opaque(SECRET);

  it('are read as they were written', () => {
    fc.assert(
      fc.property(position, epoch, (each, other) => {
        const read = { seq: each.seq, told: each.told, isForeign: false };
        for (const id of [positions.idOfMessage(each), positions.idOfStream(each)]) {
          expect(positions.read(id, each.epoch)).toEqual(read);
          expect(positions.read(id, other)).toEqual({ ...read, isForeign: other !== each.epoch });
        }
      }),
    );
  });

  it('have 48 characters for headers, URLs and ids, whatever is in them', () => {
    fc.assert(
      fc.property(position, (each) => {
        expect(positions.idOfMessage(each)).toMatch(/^[0-9A-Za-z_-]{48}$/);
        expect(positions.idOfStream(each)).toMatch(/^[0-9A-Za-z_-]{48}$/);
      }),
    );
  });

  it('are, of a message, the same in every process with that secret', () => {
    fc.assert(
      fc.property(position, (each) => {
        expect(opaque(SECRET, OTHER).idOfMessage(each)).toBe(positions.idOfMessage(each));
      }),
    );
    // By another implementation. They must be so in the next version too, or all who come back have a gap.
    expect(positions.idOfMessage({ epoch: '8f62db149452', seq: 41 })).toBe(
      'uIqeB4TukAnUE3LoxS-Yjrk0wmOWGk-tzrusMtAfbPV-nPlj',
    );
    expect(positions.idOfMessage({ epoch: '8f62db149452', seq: 41, told: 7 })).toBe(
      'IF3yCybm8FfHMtlDRwGjtuzTzie-vYRdQvWJxiyM4vRdS07W',
    );
    expect(positions.idOfMessage({ epoch: '8f62db149452', seq: 2 ** 53 - 1 })).toBe(
      'TlYXzKswEDFOnINvkTck1QTVvAwyGOskUN6Lc72E_ldlfMR-',
    );
  });

  it('are different for different positions', () => {
    fc.assert(
      fc.property(position, position, (one, other) => {
        const isSame = one.epoch === other.epoch && one.seq === other.seq && one.told === other.told;
        expect(positions.idOfMessage(one) === positions.idOfMessage(other)).toBe(isSame);
      }),
    );
  });

  it('are refused with any bit flipped', () => {
    const id = positions.idOfMessage({ epoch: 'x', seq: 7 });
    const sealed = Buffer.from(id, 'base64url');
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(positions.read(flipped.toString('base64url'), 'x')).toBeUndefined();
    }
  });

  it('are refused when they are cut, longer, written otherwise, of another secret, plain, or anything else', () => {
    const id = positions.idOfMessage({ epoch: 'x', seq: 7 });
    for (let length = 0; length < id.length; length++) {
      expect(positions.read(id.slice(0, length), 'x')).toBeUndefined();
      expect(positions.read(id.slice(length + 1), 'x')).toBeUndefined();
    }
    for (const wrong of [
      `${id}A`,
      `${id}=`,
      ` ${id}`,
      `${id}\n`,
      Buffer.from(id, 'base64url').toString('hex'),
      '~end',
    ]) {
      expect(positions.read(wrong, 'x')).toBeUndefined();
    }
    expect(positions.read(opaque(OTHER).idOfMessage({ epoch: 'x', seq: 7 }), 'x')).toBeUndefined();
    expect(positions.read(new PlainPositions().idOfMessage({ epoch: 'x', seq: 7 }), 'x')).toBeUndefined();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9A-Za-z_-]{48}$/)), (text) => {
        expect(positions.read(text, 'x')).toBeUndefined();
      }),
    );
  });

  it('are written in one way only: what is standard base64 but not base64url is none', () => {
    const ids = Array.from({ length: 200 }, (_, n) => positions.idOfMessage({ epoch: 'x', seq: n }));
    const [id] = ids.filter((each) => each.includes('-') && each.includes('_')) as [string];
    expect(positions.read(id, 'x')).toBeDefined();
    expect(positions.read(id.replaceAll('-', '+'), 'x')).toBeUndefined();
    expect(positions.read(id.replaceAll('_', '/'), 'x')).toBeUndefined();
  });

  it('are read with every secret, and written with the first', () => {
    const rotated = opaque(OTHER, SECRET);
    const each = { epoch: 'x', seq: 7 };
    const read = { seq: 7, told: undefined, isForeign: false };
    expect(rotated.read(positions.idOfMessage(each), 'x')).toEqual(read);
    expect(rotated.idOfMessage(each)).toBe(opaque(OTHER).idOfMessage(each));
    expect(opaque(SECRET, OTHER).read(rotated.idOfMessage(each), 'x')).toEqual(read);
    expect(opaque(OTHER).read(positions.idOfMessage(each), 'x')).toBeUndefined();
  });
});

describe('opaque positions of streams', () => {
  const each = { epoch: 'x', seq: 7 };

  it('are never those of a message, nor the same twice, so that nobody sees that nothing has happened', async () => {
    const positions = opaque(SECRET);
    const ids = new Set([positions.idOfMessage(each)]);
    for (let n = 0; n < 100; n++) {
      ids.add(positions.idOfStream(each));
      await Promise.resolve();
    }
    expect(ids.size).toBe(101);
  });

  it('cost one encryption for all that are told in one go', () => {
    const seal = jest.spyOn(AesSiv.prototype, 'seal');
    const positions = opaque(SECRET);
    const ids = new Set(Array.from({ length: 10_000 }, () => positions.idOfStream({ ...each })));
    expect([ids.size, seal.mock.calls.length]).toEqual([1, 1]);
    expect(ids).not.toContain(positions.idOfStream({ ...each, seq: 8 }));
    expect(ids).not.toContain(positions.idOfStream({ ...each, epoch: 'y' }));
  });

  it('are those of the messages there where something was lost, which others know nothing of', () => {
    const positions = opaque(SECRET);
    const told = { ...each, told: 3 };
    expect(positions.idOfStream(told)).toBe(positions.idOfMessage(told));
  });
});

describe('opaque positions of messages', () => {
  it('are encrypted once for the log and for who has published', () => {
    const seal = jest.spyOn(AesSiv.prototype, 'seal');
    const positions = opaque(SECRET);
    expect(positions.idOfMessage({ epoch: 'x', seq: 7 })).toBe(positions.idOfMessage({ epoch: 'x', seq: 7 }));
    expect(seal).toHaveBeenCalledTimes(1);
  });

  it('are others when only the log is another one, or what was told', () => {
    const positions = opaque(SECRET);
    const each = { epoch: 'x', seq: 7 };
    const others = [each, { ...each, epoch: 'y' }, { ...each, epoch: 'y', told: 0 }, each];
    const ids = others.map((other) => positions.idOfMessage(other));
    expect([new Set(ids).size, ids[3]]).toEqual([3, ids[0]]);
    expect(positions.idOfStream(each)).not.toBe(positions.idOfStream({ ...each, epoch: 'y' }));
  });
});
