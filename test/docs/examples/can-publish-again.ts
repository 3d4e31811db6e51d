import { isSseError } from 'nestjs-event-stream';

/** Whether a second `publish()` of the same message is safe, and of use. */
export function canPublishAgain(error: unknown): boolean {
  if (!isSseError(error) || error.code !== 'SSE_BACKPLANE') return false;
  const { reason, mayHaveBeenPlaced } = error as Error & { reason?: string; mayHaveBeenPlaced?: boolean };
  return reason !== 'stopped' && !mayHaveBeenPlaced;
}
