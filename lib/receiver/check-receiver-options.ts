import { SseDecoder, type SseOptionProblem, type SseOptionsError } from '../protocol/index.js';
import {
  assertOptions,
  count,
  describe,
  durationMs,
  findOptionProblems,
  type OptionRule,
  type OptionRules,
  ofType,
  oneOf,
} from '../protocol/internal.js';
import type { SseHeadersFactory, SseReceiverOptions } from './receiver-options.js';
import type { ReceiverSettings } from './receiver-settings.js';
import { type HeaderMap, readHeaders } from './request-headers.js';
import {
  BackoffRetryPolicy,
  findRetryProblems,
  NEVER_RETRY,
  type RetryPolicy,
  type SseRetryOptions,
} from './retry-policy.js';

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** HEAD has no body to receive; the others are not about a resource. */
const METHODS_WITHOUT_STREAM = new Set(['HEAD', 'CONNECT', 'TRACE']);

const rules: OptionRules<SseReceiverOptions> = {
  headers: () => undefined,
  method: checkMethod,
  body: (value) => (typeof value === 'string' || value instanceof Uint8Array ? undefined : 'must be text or bytes'),
  lastEventId: checkLastEventId,
  signal: (value) => (value instanceof AbortSignal ? undefined : 'must be an AbortSignal'),
  onComment: ofType('function'),
  statusPolicy: oneOf('retry-transient', 'whatwg'),
  retry: () => undefined,
  connectTimeoutMs: durationMs(),
  firstByteTimeoutMs: durationMs(),
  idleTimeoutMs: durationMs(),
  maxMessageBytes: checkMaxMessageBytes,
  maxRedirects: count(),
  tls: objectRule('an object of options for tls.connect'),
  dispatcher: (value) => (hasMethod(value, 'dispatch') ? undefined : 'must be a dispatcher of undici 7'),
};

/**
 * Checks what was given to `subscribe()` and puts the defaults in.
 *
 * @throws SseOptionsError naming every problem at once
 */
export function checkReceiverOptions(url: string | URL, options: SseReceiverOptions): ReceiverSettings {
  const headers = headersOf(options);
  const problems = [
    ...problemsOfUrl(url),
    ...findOptionProblems(options, rules),
    ...(isObject(options) ? problemsAcross(options) : []),
    ...headers.problems.map((problem) => ({ option: 'headers', problem })),
  ];
  assertOptions(problems);
  return settingsOf(new URL(url), options, headers.value);
}

function settingsOf(given: URL, options: SseReceiverOptions, headers: HeaderMap | SseHeadersFactory): ReceiverSettings {
  const { method = 'GET', retry = method === 'GET' ? {} : false, ...rest } = withoutUndefined(options);
  const { username, password } = given;
  const url = new URL(given);
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    lastEventId: '',
    statusPolicy: 'retry-transient',
    connectTimeoutMs: 10_000,
    firstByteTimeoutMs: 60_000,
    maxRedirects: 5,
    ...rest,
    url,
    method,
    headers,
    ...((username || password) && { authorization: basicAuthorization(username, password) }),
    retry: retryPolicyOf(retry),
    once: retry === false,
  };
}

/** Read once only: what is given may be an iterator, which has nothing more to give the second time. */
function headersOf(options: SseReceiverOptions): { value: HeaderMap | SseHeadersFactory; problems: readonly string[] } {
  const { headers: given = {} } = isObject(options) ? options : {};
  if (typeof given === 'function') return { value: given, problems: [] };
  const { headers, problems } = readHeaders(given);
  return { value: headers, problems };
}

function problemsAcross({ method = 'GET', body, retry, tls, dispatcher }: SseReceiverOptions): SseOptionProblem[] {
  const problems: SseOptionProblem[] = [];
  if (body !== undefined && method === 'GET') {
    problems.push({ option: 'body', problem: "needs a method that carries one, such as method: 'POST'" });
  }
  if (retry !== undefined && retry !== false && !isRetryPolicy(retry)) {
    problems.push(...findRetryProblems(retry, 'retry.'));
  }
  if (tls !== undefined && dispatcher !== undefined) {
    problems.push({ option: 'tls', problem: 'has no effect with a dispatcher; give it to the dispatcher' });
  }
  return problems;
}

/** Never quotes the URL: it may hold credentials. */
function problemsOfUrl(url: unknown): SseOptionProblem[] {
  if (!(url instanceof URL) && !(typeof url === 'string' && URL.canParse(url))) {
    return [{ option: 'url', problem: 'must be an absolute URL' }];
  }
  const { protocol } = new URL(url);
  const isHttp = protocol === 'http:' || protocol === 'https:';
  return isHttp ? [] : [{ option: 'url', problem: `must be a URL of http or https, got ${protocol}` }];
}

function checkMethod(value: unknown): string | undefined {
  if (typeof value !== 'string' || !METHOD.test(value)) return `must be an HTTP method, got ${describe(value)}`;
  if (value !== value.toUpperCase()) return `must be written in capitals, got ${describe(value)}`;
  return METHODS_WITHOUT_STREAM.has(value) ? `cannot be ${value}: its response is no stream` : undefined;
}

/** WHATWG HTML, section 9.2.6: no id holds a line end or NUL, so none was ever received with one. */
function checkLastEventId(value: unknown): string | undefined {
  if (typeof value !== 'string') return `must be a string, got ${describe(value)}`;
  return /[\r\n\0]/.test(value) ? 'must not hold CR, LF or NUL: no event stream can give such an id' : undefined;
}

/** The decoder knows what it can hold. */
function checkMaxMessageBytes(value: unknown): string | undefined {
  try {
    new SseDecoder({ onMessage() {}, maxMessageBytes: value as number });
    return undefined;
  } catch (error) {
    return (error as SseOptionsError).problems[0]?.problem;
  }
}

function objectRule(expected: string): OptionRule {
  return (value) => (isObject(value) ? undefined : `must be ${expected}, got ${describe(value)}`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasMethod(value: unknown, name: string): boolean {
  return isObject(value) && typeof (value as Record<string, unknown>)[name] === 'function';
}

function isRetryPolicy(retry: SseRetryOptions | RetryPolicy): retry is RetryPolicy {
  return hasMethod(retry, 'nextDelayMs');
}

function retryPolicyOf(retry: SseRetryOptions | RetryPolicy | false): RetryPolicy {
  if (retry === false) return NEVER_RETRY;
  return isRetryPolicy(retry) ? retry : new BackoffRetryPolicy(retry);
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

/** An option that is `undefined` is one that was not given: it must not cover a default. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
