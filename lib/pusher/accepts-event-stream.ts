/**
 * One media range of an `Accept` header with its parameters; a comma in a quoted string does not end it. A string without
 * an end takes all that is left: to look again behind each quote would take the square of the header's length.
 */
const RANGES = /(?:[^,"]|"(?:\\.|[^"\\])*(?:"|\\?$))+/g;

/** Ranges that event streams fall into, from the least to the most specific, which decides (RFC 9110, section 12.5.1). */
const ADMITTING = ['*/*', 'text/*', 'text/event-stream'];

/** A weight of nought: the client refuses what the range stands for (RFC 9110, section 12.4.2). */
const REFUSED = /;\s*q\s*=\s*0(?:\.0*)?\s*(?:;|$)/i;

/**
 * Whether a client takes event streams, by its `Accept` header. A header that is missing or empty asks for nothing in
 * particular. Other parameters than the weight are not compared, and a weight that is none counts as 1.
 */
export function acceptsEventStream(accept: string | undefined): boolean {
  const ranges = accept?.match(RANGES)?.filter((range) => range.trim() !== '') ?? [];
  let decisive = -1;
  let accepted = ranges.length === 0;
  for (const range of ranges) {
    const specificity = ADMITTING.indexOf(range.split(';', 1)[0]!.trim().toLowerCase());
    if (specificity >= 0 && specificity >= decisive) {
      const takes = !REFUSED.test(range);
      accepted = specificity === decisive ? accepted || takes : takes;
      decisive = specificity;
    }
  }
  return accepted;
}
