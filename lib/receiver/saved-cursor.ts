/** What is saved of a source. */
export interface SavedCursor {
  /** Absent when the source was taken over, but nothing saved yet. */
  readonly lastEventId?: string;
}

/** The name goes with it for those who look into the file, and as a check. */
export function formatCursor(source: string, { lastEventId }: SavedCursor): string {
  return `${JSON.stringify({ source, lastEventId })}\n`;
}

/** @throws Error for what is no cursor of this source */
export function parseCursor(bytes: Uint8Array, source: string): SavedCursor {
  const saved: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (!isRecord(saved) || saved.source !== source) throw new Error('It is no cursor of this source');
  const { lastEventId } = saved;
  if (lastEventId === undefined) return {};
  if (typeof lastEventId !== 'string') throw new Error('Its lastEventId is no string');
  return { lastEventId };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
