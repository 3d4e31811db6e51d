import { Socket } from 'node:net';
import { jest } from '@jest/globals';

/** The buffers that reached sockets while something was done; heads and requests are text, and ends of chunks do not count. */
export async function socketWritesDuring(work: () => Promise<unknown>): Promise<Buffer[]> {
  const write = jest.spyOn(Socket.prototype, 'write');
  await work();
  const written = write.mock.calls.map(([chunk]) => chunk as unknown);
  write.mockRestore();
  return written.filter((chunk) => Buffer.isBuffer(chunk)).filter((chunk) => chunk.toString() !== '\r\n');
}

/** Whether what reached the socket had its chunk framing with it: a response would have written that by itself. */
export function isFramed(written: Buffer): boolean {
  return /^[0-9a-f]+\r\n/.test(written.toString('latin1'));
}
