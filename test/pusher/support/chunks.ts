/** The chunks of a chunked HTTP/1.1 response as they went over the wire (RFC 9112, section 7.1). */
export function chunksOf(response: string): string[] {
  const chunks: string[] = [];
  let at = response.indexOf('\r\n\r\n') + 4;
  while (at < response.length) {
    const lineEnd = response.indexOf('\r\n', at);
    const size = Number.parseInt(response.slice(at, lineEnd), 16);
    const start = lineEnd + 2;
    if (!(size > 0) || response.length < start + size + 2) {
      break;
    }
    chunks.push(response.slice(start, start + size));
    at = start + size + 2;
  }
  return chunks;
}
