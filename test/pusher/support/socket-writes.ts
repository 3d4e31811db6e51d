import { Socket } from 'node:net';
import { jest } from '@jest/globals';

/** The buffers that reached sockets while something was done; heads and requests are written as text. */
export async function socketWritesDuring(work: () => Promise<unknown>): Promise<Buffer[]> {
  const write = jest.spyOn(Socket.prototype, 'write');
  await work();
  const written = write.mock.calls.map(([chunk]) => chunk as Buffer).filter((chunk) => Buffer.isBuffer(chunk));
  write.mockRestore();
  return written;
}

/** Whether what reached the socket had its chunk framing with it: a response would have written that by itself. */
export function isFramed(written: Buffer): boolean {
  return /^[0-9a-f]+\r\n/.test(written.toString('latin1'));
}
