import { describe, expect, it } from '@jest/globals';
import { corpora, cut, type Message } from '../../bench/codec-corpora.mjs';
import { SseDecoder } from '../../lib/protocol/index.js';

const SIZE = 250_000;
const all = corpora(SIZE);

function decoded(chunks: Uint8Array[]) {
  const messages: Message[] = [];
  const decoder = new SseDecoder({ onMessage: ({ event, data, id }) => messages.push([event, data, id]) });
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return messages;
}

describe('the corpora of the codec benchmark', () => {
  it('are six', () => {
    expect(all.map(({ name }) => name)).toEqual([
      '180 B events',
      '1 KB JSON',
      '100 KB events',
      'CRLF',
      'many comments',
      'non-ASCII',
    ]);
  });

  it.each(all)('$name decodes to its messages, however it is cut', ({ bytes, messages }) => {
    expect(bytes.length).toBeGreaterThanOrEqual(SIZE);
    for (const size of [61, 1460, bytes.length]) expect(decoded(cut(bytes, size))).toEqual(messages);
  });

  it.each(all)('$name is the same each time, and no two of its messages are', ({ name, bytes, messages }) => {
    expect(
      corpora(SIZE)
        .find((other) => other.name === name)
        ?.bytes.equals(bytes),
    ).toBe(true);
    expect(new Set(messages.map(([, data]) => data)).size).toBeGreaterThan(Math.min(messages.length, 16) - 1);
  });

  it('have what their names say', () => {
    const [small, json, large, crlf, comments, foreign] = all.map(({ bytes, messages }) => ({
      text: bytes.toString(),
      bytes,
      each: bytes.length / messages.length,
      first: String(messages[0]?.[1]),
    }));
    expect(small?.each).toBeCloseTo(180, -1);
    expect(JSON.parse(String(json?.first))).toMatchObject({ seq: 0, ok: true });
    expect(json?.each).toBeCloseTo(1050, -2);
    expect(large?.each).toBeCloseTo(100_000, -3);
    expect(crlf?.text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(comments?.text.match(/^:/gm)?.length).toBeGreaterThan(3 * 1000);
    expect(foreign?.text.length).toBeLessThan(Number(foreign?.bytes.length) * 0.95);
  });

  it('are cut into copies of so many bytes, and a rest', () => {
    const bytes = Buffer.from('abcdefg');
    const chunks = cut(bytes, 3);
    bytes.fill('x');
    expect(chunks.map(String)).toEqual(['abc', 'def', 'g']);
  });
});
