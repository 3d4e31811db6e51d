/** Long enough not to be guessed by another page, short enough to be kept. */
const VIEWER = /^[\w-]{16,64}$/;

/** @returns `undefined` for what cannot be the name of a viewer */
export function readViewerName(value: unknown): string | undefined {
  return typeof value === 'string' && VIEWER.test(value) ? value : undefined;
}
