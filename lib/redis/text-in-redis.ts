/**
 * Any text as one that UTF-8 can say, halves of surrogate pairs among it, and no two as the same. What is no such half, nor
 * a control character, a quote or a backslash, stays as it is, so that keys can be read.
 */
export function toRedis(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** @throws Error for what {@link toRedis} does not give */
export function fromRedis(stored: string): string {
  const text: unknown = JSON.parse(`"${stored}"`);
  return text as string;
}
