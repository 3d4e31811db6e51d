/** What a request is sent to. */
export interface RequestTarget {
  /** Without credentials and fragment. */
  readonly url: URL;
  /** What the credentials in the URL amount to; a caller's own header goes before it. */
  readonly authorization?: string;
}

/** What is wrong with a URL as somebody gave it. It is never quoted: it may hold credentials. */
export function urlProblem(url: unknown): string | undefined {
  if (!(url instanceof URL) && !(typeof url === 'string' && URL.canParse(url))) return 'must be an absolute URL';
  const { protocol } = new URL(url);
  const isHttp = protocol === 'http:' || protocol === 'https:';
  return isHttp ? undefined : `must be a URL of http or https, got ${protocol}`;
}

/** Takes out of (a copy of) a URL what no request carries in it. */
export function targetOf(given: string | URL): RequestTarget {
  const url = new URL(given);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  url.hash = '';
  return { url, ...((username || password) && { authorization: basicAuthorization(username, password) }) };
}

/** RFC 7617. */
function basicAuthorization(username: string, password: string): string {
  const pair = `${percentDecoded(username)}:${percentDecoded(password)}`;
  return `Basic ${Buffer.from(pair, 'utf8').toString('base64')}`;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign is one: URLs may hold it.
    return text;
  }
}
