import { SseDecoder, type SseOptionProblem, type SseOptionsError } from '../protocol/index.js';
import {
  assertOptions,
  count,
  describe,
  durationMs,
  findOptionProblems,
  isObject,
  type OptionRule,
  type OptionRules,
  ofType,
  oneOf,
} from '../protocol/internal.js';
import { isBody } from './prepare-request.js';
import type { SseHeadersFactory, SseReceiverOptions, SseUrlFactory } from './receiver-options.js';
import type { ReceiverSettings } from './receiver-settings.js';
import { type HeaderMap, readHeaders } from './request-headers.js';
import { targetOf, urlProblem } from './request-target.js';
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

/** Servers take 8 to 16 KiB of headers altogether. */
const MAX_ID_BYTES = 4_096;

const rules: OptionRules<SseReceiverOptions> = {
  name: (value) => (typeof value === 'string' && value !== '' ? undefined : 'must be a text that is not empty'),
  headers: () => undefined,
  method: checkMethod,
  body: (value) => (isBody(value) || typeof value === 'function' ? undefined : 'must be text, bytes, or a function'),
  lastEventId: checkLastEventId,
  cursorStore: (value) =>
    hasMethod(value, 'load') && hasMethod(value, 'save') ? undefined : 'must be an object with load() and save()',
  signal: (value) => (value instanceof AbortSignal ? undefined : 'must be an AbortSignal'),
  onComment: ofType('function'),
  statusPolicy: oneOf('retry-transient', 'whatwg'),
  retry: () => undefined,
  connectTimeoutMs: durationMs(),
  firstByteTimeoutMs: durationMs(),
  idleTimeoutMs: durationMs(),
  maxLifetimeMs: durationMs(),
  maxMessageBytes: decoderRule('maxMessageBytes'),
  maxIdBytes: decoderRule('maxIdBytes'),
  oversize: oneOf('fail', 'skip'),
  onSkip: ofType('function'),
  maxRedirects: count(),
  allow: ofType('function'),
  decompress: ofType('boolean'),
  tls: objectRule('an object of options for tls.connect'),
  dispatcher: (value) => (hasMethod(value, 'dispatch') ? undefined : 'must be a dispatcher of undici 7'),
};

/**
 * Checks what was given to `subscribe()` and puts the defaults in.
 *
 * @throws SseOptionsError naming every problem at once
 */
export function checkReceiverOptions(url: string | URL | SseUrlFactory, options: SseReceiverOptions): ReceiverSettings {
  const headers = headersOf(options);
  const problems = [
    ...(typeof url === 'function' ? [] : problemsOf('url', urlProblem(url))),
    ...findOptionProblems(options, rules),
    ...(isObject(options) ? problemsAcross(options) : []),
    ...headers.problems.map((problem) => ({ option: 'headers', problem })),
  ];
  assertOptions(problems);
  return settingsOf(url, options, headers.value);
}

function settingsOf(
  url: string | URL | SseUrlFactory,
  options: SseReceiverOptions,
  headers: HeaderMap | SseHeadersFactory,
): ReceiverSettings {
  const { method = 'GET', retry = method === 'GET' ? {} : false, ...rest } = withoutUndefined(options);
  return {
    lastEventId: '',
    statusPolicy: 'retry-transient',
    connectTimeoutMs: 10_000,
    firstByteTimeoutMs: 60_000,
    maxLifetimeMs: 0,
    maxIdBytes: MAX_ID_BYTES,
    oversize: 'fail',
    maxRedirects: 5,
    decompress: false,
    ...rest,
    url: typeof url === 'function' ? url : targetOf(url),
    method,
    headers,
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

function problemsAcross(options: SseReceiverOptions): SseOptionProblem[] {
  const { method = 'GET', body, retry, tls, dispatcher, name, cursorStore } = options;
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
  if (cursorStore !== undefined && name === undefined) {
    problems.push({ option: 'name', problem: 'is needed with a cursorStore: the cursor is kept under it' });
  }
  return problems;
}

function problemsOf(option: string, problem: string | undefined): SseOptionProblem[] {
  return problem === undefined ? [] : [{ option, problem }];
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
function decoderRule(option: 'maxMessageBytes' | 'maxIdBytes'): OptionRule {
  return (value) => {
    try {
      new SseDecoder({ onMessage() {}, [option]: value as number });
      return undefined;
    } catch (error) {
      return (error as SseOptionsError).problems[0]?.problem;
    }
  };
}

function objectRule(expected: string): OptionRule {
  return (value) => (isObject(value) ? undefined : `must be ${expected}, got ${describe(value)}`);
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

/** An option that is `undefined` is one that was not given: it must not cover a default. */
function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
