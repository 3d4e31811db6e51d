/** Decodes messages of one size, in chunks of one size, and tells what a byte costs. */
import { SseDecoder } from '../dist/protocol/index.js';
import { answer } from './subject-answers.mjs';

/** A run has so many bytes at least, and is repeated for so long. */
const RUN_BYTES = 2_000_000;
const LEAST_MS = 120;

/** The part of a message that is its data, or more. */
const LEAST_DATA = 0.6;

const MOST_BYTES = 256 * 1024 * 1024;

/** @param {number} size of a message, in bytes @param {number} count */
function streamOf(size, count) {
  const head = 'id: 12345\nevent: update\ndata: ';
  const text = 'amber basin cedar delta ember flint grove haven '.repeat(Math.ceil(size / 48));
  const message = `${head}${text.slice(0, Math.max(1, size - head.length - 2))}\n\n`;
  return Buffer.alloc(message.length * count, message, 'latin1');
}

/** @param {number} size of a message */
function countOf(size) {
  return Math.max(1, Math.round(RUN_BYTES / size));
}

/** @param {{ size: number, chunkBytes: number }} of @returns nanoseconds of CPU for each byte */
function decode({ size, chunkBytes }) {
  const bytes = streamOf(size, countOf(size));
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) => {
    return bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes);
  });
  return costOf(bytes.length, () => {
    let characters = 0;
    const decoder = new SseDecoder({
      maxMessageBytes: MOST_BYTES,
      onMessage: ({ data }) => {
        characters += data.length;
      },
    });
    for (const chunk of chunks) decoder.push(chunk);
    return characters;
  });
}

/** @param {{ size: number }} of @returns nanoseconds of CPU for each byte */
function floor({ size }) {
  const count = countOf(size);
  const bytes = streamOf(size, count);
  const each = bytes.length / count;
  return costOf(bytes.length, () => {
    let characters = 0;
    for (let n = 0; n < count; n++) characters += bytes.toString('latin1', n * each, (n + 1) * each).length;
    return characters;
  });
}

/** @param {number} bytes @param {() => number} run reads so many, and returns how many characters came of it */
function costOf(bytes, run) {
  globalThis.gc?.();
  let runs = 0;
  let usedUs = 0;
  for (const start = process.cpuUsage(); usedUs < LEAST_MS * 1000; runs++) {
    const characters = run();
    const { user, system } = process.cpuUsage(start);
    usedUs = user + system;
    if (characters < bytes * LEAST_DATA) throw new Error(`of ${bytes} bytes came ${characters} characters`);
  }
  return (usedUs * 1000) / (runs * bytes);
}

answer({ decode, floor });
