import { SseChannelError } from './channel.error.js';

/** The channel that every subscriber follows. Users cannot name it. */
export const BROADCAST = '';

/** What begins with this is ours. Users cannot name it, either. */
const OURS = '\0';

/** The channel on which instances tell each other whose streams are over. */
export const REVOCATIONS = `${OURS}revocations`;

/** Whether a channel carries what instances tell each other, of which users see nothing. */
export function isControl(name: string): boolean {
  return name.startsWith(OURS);
}

/** Whether a name is of no channel that users could have, or of nothing at all. */
export function isHidden(name: unknown): boolean {
  return typeof name !== 'string' || name === BROADCAST || isControl(name);
}

const MAX_BYTES = 512;

/**
 * Any text is a name, compared exactly; no character in it means anything, but for U+0000 as the first one, which marks ours.
 *
 * @throws SseChannelError for what is no string, empty, longer than 512 bytes as UTF-8, holds a lone surrogate, or begins with
 * U+0000
 */
export function checkChannelName(name: unknown): string {
  if (typeof name !== 'string' || name === BROADCAST || Buffer.byteLength(name) > MAX_BYTES || !name.isWellFormed()) {
    throw new SseChannelError(
      'name',
      undefined,
      `must be a non-empty string of at most ${MAX_BYTES} bytes, ${given(name)}`,
    );
  }
  if (isControl(name)) {
    throw new SseChannelError('name', undefined, 'must not begin with U+0000: such names are for this package itself');
  }
  return name;
}

function given(name: unknown): string {
  if (typeof name !== 'string') {
    return `not ${name === null ? 'null' : `a value of type ${typeof name}`}`;
  }
  return name.isWellFormed() ? `not ${Buffer.byteLength(name)} bytes` : 'without lone surrogates';
}
