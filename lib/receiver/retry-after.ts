const HTTP_DATE = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Milliseconds that a `Retry-After` header asks to wait (RFC 9110, section 10.2.3: seconds or an HTTP date), or
 * `undefined` when it is absent or says nothing sensible. A date that has passed is 0.
 */
export function parseRetryAfter(header: string | undefined, now = Date.now()): number | undefined {
  const value = header?.trim() ?? '';
  if (/^[0-9]+$/.test(value)) {
    return Number(value) * 1_000;
  }
  // Date.parse accepts nearly anything; only the forms of an HTTP date begin with a day's name.
  const date = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
