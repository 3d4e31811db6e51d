import type { Member } from './redis-stage.js';

/** `['0', '1', ...]`, so many of them. */
export function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, n) => `${from + n}`);
}

/** Publishes them one after the other, each when the one before is placed. */
export async function publishNumbers(member: Member, count: number, from = 0, channel = 'a'): Promise<void> {
  for (const text of numbers(count, from)) {
    await member.channels.publish(channel, text);
  }
}
