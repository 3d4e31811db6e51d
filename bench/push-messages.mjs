/** The n-th message of push.mjs, of about so many bytes. @param {number} n @param {number} bytes */
export function message(n, bytes) {
  const id = String(n);
  return { id, event: 'tick', data: { n, filler: 'x'.repeat(Math.max(1, bytes - 40 - id.length)) } };
}
