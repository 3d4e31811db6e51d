import { describe, expect, it } from '@jest/globals';
import { BodyPart } from '../pusher/internal.js';
import { IteratedStream } from './iterated-stream.js';

function opened(): IteratedStream {
  const settings = { maxBufferedBytes: 1000, openAfterMs: undefined, serialize: undefined, pingFrame: '' };
  const stream = new IteratedStream(settings, undefined);
  stream.open();
  return stream;
}

describe('IteratedStream', () => {
  it('is full until the loop has taken all, and then has room as before', async () => {
    const stream = opened();
    const part = new BodyPart('data: 1\n\ndata: 2\n\n');
    for (let turn = 0; turn < 3; turn++) {
      stream.writeShared(part);
      expect([stream.full, stream.bufferedBytes]).toEqual([true, part.bytes.length]);
      expect((await stream.next()).value).toMatchObject({ data: '1' });
      expect(stream.full).toBe(true);
      expect((await stream.next()).value).toMatchObject({ data: '2' });
      expect([stream.full, stream.bufferedBytes]).toEqual([false, 0]);
    }
  });

  it('gives nothing more to a loop that has left, though there was more', async () => {
    const stream = opened();
    stream.writeShared(new BodyPart('data: 1\n\ndata: 2\n\n'));
    await stream.next();
    await stream.return();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });
});
