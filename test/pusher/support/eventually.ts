import { setTimeout } from 'node:timers/promises';

/** Resolves when a condition holds that nothing announces. A condition that never holds fails the test by its timeout. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await setTimeout(2);
  }
}
