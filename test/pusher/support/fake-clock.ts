import { jest } from '@jest/globals';

/**
 * Stops the clock of timers and dates. What node's own parts of a connection run on goes on, so that requests still arrive.
 * Undo with `jest.useRealTimers()`.
 */
export function stopClock(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
}
