/** Browsers ignore a longer attribute of a cookie (RFC 6265bis 5.6). */
const MAX_PATH = 1024;
/** What a path may hold (RFC 3986 3.3), without the semicolon, which would begin another attribute of the cookie. */
const PATH = /^\/[\w!$&'()*+,.:=@%~/-]*$/;

/** The query after the path, or the empty text. */
const QUERY = /\?.*$/s;

/** What is wrong with the path of a stream, if anything: it is compared with what browsers send, byte by byte. */
export function findPathProblem(path: unknown): string | undefined {
  if (typeof path === 'string' && path.length <= MAX_PATH && PATH.test(path) && isAsSent(path)) {
    return undefined;
  }
  return `must be the path of a stream as browsers send it, such as /orders/stream: of at most ${MAX_PATH} characters, encoded, without query, '..' or ';'`;
}

/** The same for what stands before paths, where a proxy takes it off. */
export function findBasePathProblem(basePath: unknown): string | undefined {
  return basePath === '' || (findPathProblem(basePath) === undefined && !String(basePath).endsWith('/'))
    ? undefined
    : "must be empty, or a path such as /api, without a '/' at its end";
}

/** The path that was asked for, before any router has changed it. */
export function requestPath(target: string): string {
  return target.replace(QUERY, '');
}

/** The value of a parameter that is there exactly once. */
export function onlyParameter(target: string, name: string): string | undefined {
  const [query = ''] = QUERY.exec(target) ?? [];
  const values = new URLSearchParams(query).getAll(name);
  return values.length === 1 ? values[0] : undefined;
}

/** Not a host, and without segments that a browser would resolve (WHATWG URL 4.4). */
function isAsSent(path: string): boolean {
  const base = 'http://host.invalid';
  return URL.canParse(path, base) && new URL(path, base).href === base + path;
}
