/** Decodes messages of one size, in chunks of one size, and tells what a byte costs. */
import { SseDecoder } from '../dist/protocol/index.js';
import { answer } from './subject-answers.mjs';

/** A run has so many bytes at least, and is repeated for so long. */
const RUN_BYTES = 2_000_000;
const LEAST_MS = 120;

const MOST_BYTES = 256 * 1024 * 1024;

/** @param {number} size of a message, in bytes @param {number} count */
function streamOf(size, count) {
  const head = 'id: 12345\nevent: update\ndata: ';
  const text = 'amber basin cedar delta ember flint grove haven '.repeat(Math.ceil(size / 48));
  const message = `${head}${text.slice(0, Math.max(1, size - head.length - 2))}\n\n`;
  return Buffer.alloc(message.length * count, message, 'latin1');
}

/** @param {{ size: number, chunkBytes: number }} of @returns nanoseconds of CPU for each byte */
function decode({ size, chunkBytes }) {
  const count = Math.max(1, Math.round(RUN_BYTES / size));
  const bytes = streamOf(size, count);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) => {
    return bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes);
  });
  globalThis.gc?.();
  let runs = 0;
  let usedUs = 0;
  for (const start = process.cpuUsage(); usedUs < LEAST_MS * 1000; runs++) {
    let characters = 0;
    const decoder = new SseDecoder({
      maxMessageBytes: MOST_BYTES,
      onMessage: ({ data }) => {
        characters += data.length;
      },
    });
    for (const chunk of chunks) decoder.push(chunk);
    const { user, system } = process.cpuUsage(start);
    usedUs = user + system;
    if (characters < (bytes.length / 100) * 60)
      throw new Error(`of ${bytes.length} bytes came ${characters} characters`);
  }
  return (usedUs * 1000) / (runs * bytes.length);
}

answer({ decode });
