import { MAX_TIMER_MS } from './check-options.js';
import { SseInvalidMessageError, type SseMessageField } from './invalid-message.error.js';
import { hasLineBreak } from './line-break.js';

/** Any text that UTF-8 can carry. A lone surrogate would arrive as U+FFFD, so it is refused. */
export function checkedText(field: SseMessageField, value: unknown): string {
  if (typeof value !== 'string') throw new SseInvalidMessageError(field, `must be a string, not ${kindOf(value)}`);
  if (!value.isWellFormed()) {
    throw new SseInvalidMessageError(
      field,
      'holds a lone surrogate, which UTF-8 cannot carry; repair it with toWellFormed()',
    );
  }
  return value;
}

/** A line break in a single-line field would let its text write other fields. */
export function checkedLine(field: SseMessageField, value: unknown): string {
  const text = checkedText(field, value);
  if (hasLineBreak(text)) throw new SseInvalidMessageError(field, 'must not hold CR or LF');
  return text;
}

/** Clients ignore an id with NUL and stay at the one before. WHATWG HTML, section 9.2.6 ("id"). */
export function checkedId(value: unknown): string {
  const id = checkedLine('id', value);
  if (id.includes('\0')) throw new SseInvalidMessageError('id', 'must not hold NUL: clients would ignore it');
  return id;
}

/** Clients take ASCII digits only, and timers no more than 2^31-1. WHATWG HTML, section 9.2.6 ("retry"). */
export function checkedRetry(value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_TIMER_MS) return value as number;
  const given = typeof value === 'number' ? value : kindOf(value);
  throw new SseInvalidMessageError(
    'retry',
    `must be an integer from 0 to ${MAX_TIMER_MS} (milliseconds), not ${given}`,
  );
}

/** What a wrong value is, without asking the value itself: it may lie, or throw. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
