import { describe, expect, it } from '@jest/globals';
import { verifyReplay } from '../../bench/replay-client.mjs';

const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

function message(n: number): string {
  return `id: ${n}\nevent: tick\ndata: {"n":${n}}\n\n`;
}

/** What a client received, its messages in chunks of their own. */
function received(numbers: number[], before = ''): Buffer {
  return Buffer.from(
    HEAD +
      [before, ...numbers.map(message)]
        .filter((text) => text)
        .map(chunk)
        .join(''),
  );
}

describe('verifying a replay', () => {
  it('takes all messages in order, in whatever chunks, after whatever has no data', () => {
    const together = Buffer.from(HEAD + chunk('retry: 2100\n\n') + chunk(message(1) + message(2) + message(3)));
    expect(() => verifyReplay([received([1, 2, 3], 'retry: 2000\n\nid: 0\n\n'), together], 3)).not.toThrow();
  });

  it.each([
    ['missing at the end', [1, 2]],
    ['missing in between', [1, 3]],
    ['missing at the beginning', [2, 3]],
    ['in another order', [2, 1, 3]],
    ['doubled', [1, 2, 2, 3]],
    ['too many', [0, 1, 2, 3]],
  ])('refuses messages that are %s', (_what, numbers) => {
    expect(() => verifyReplay([received(numbers)], 3)).toThrow('expected 3 messages');
    expect(() => verifyReplay([received([1, 2, 3]), received(numbers)], 3)).toThrow('client 1 has got others');
  });

  it('refuses a response that is no stream, and a body that is cut off within a chunk', () => {
    expect(() => verifyReplay([Buffer.from('HTTP/1.1 204 No Content\r\n\r\n')], 3)).toThrow('not a stream');
    expect(() => verifyReplay([received([1, 2, 3]).subarray(0, -3)], 3)).toThrow('not a chunk');
  });
});
