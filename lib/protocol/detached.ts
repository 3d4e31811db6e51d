/** V8 copies shorter strings; longer ones may be slices that keep all of the text alive that they were cut from. */
const SHORTEST_SLICE = 13;

/** The same text, keeping nothing but itself alive. */
export function detached(text: string): string {
  return text.length < SHORTEST_SLICE ? text : Buffer.from(text, 'utf8').toString('utf8');
}
