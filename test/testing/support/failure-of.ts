import { isSseError } from 'nestjs-event-stream';
import type { SseTestError } from 'nestjs-event-stream/testing';

/** What a promise rejects with, which has to be an error of the test kit. */
export async function failureOf(promise: Promise<unknown>): Promise<SseTestError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isSseError(error) || error.code !== 'SSE_TEST') {
    throw new Error('It did not fail as expected', { cause: error });
  }
  return error as SseTestError;
}
