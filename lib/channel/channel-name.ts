import { SseChannelError } from './channel.error.js';

/** The channel that every subscriber follows. Users cannot name it. */
export const BROADCAST = '';

const MAX_BYTES = 512;

/**
 * Any text is a name, compared exactly; no character in it means anything.
 *
 * @throws SseChannelError for what is no string, empty, longer than 512 bytes as UTF-8, or holds a lone surrogate
 */
export function checkChannelName(name: unknown): string {
  if (typeof name !== 'string' || name === BROADCAST || Buffer.byteLength(name) > MAX_BYTES || !name.isWellFormed()) {
    throw new SseChannelError(
      'name',
      undefined,
      `must be a non-empty string of at most ${MAX_BYTES} bytes, ${given(name)}`,
    );
  }
  return name;
}

function given(name: unknown): string {
  if (typeof name !== 'string') {
    return `not ${name === null ? 'null' : `a value of type ${typeof name}`}`;
  }
  return name.isWellFormed() ? `not ${Buffer.byteLength(name)} bytes` : 'without lone surrogates';
}
