import type { OutgoingMessage } from '../channel/index.js';

/** What is kept and announced of a message: its key as JSON on a line, which is empty when it has none, and its frame. */
export function formatEntry({ key, body }: OutgoingMessage): string {
  return key === undefined ? `\n${body}` : `${JSON.stringify(key)}\n${body}`;
}

export interface ParsedEntry {
  readonly key: string | undefined;
  readonly body: string;
}

/** Entries one after another. A frame holds no empty line but the one that ends it, so they need no lengths. */
export function parseEntries(text: string, from = 0): ParsedEntry[] {
  const entries: ParsedEntry[] = [];
  for (let start = from; start < text.length; ) {
    const line = text.indexOf('\n', start);
    const end = text.indexOf('\n\n', line) + 2;
    if (line < 0 || end < 2) {
      throw new Error('What is stored of a message is cut off.');
    }
    const key = line === start ? undefined : (JSON.parse(text.slice(start, line)) as string);
    entries.push({ key, body: text.slice(line + 1, end) });
    start = end;
  }
  return entries;
}
