import { SseError } from '../protocol/index.js';
import { assertOptions } from '../protocol/internal.js';
import { SseConnectError } from './connect.error.js';
import type { ConnectionResult } from './connection-result.js';
import { isAllowed } from './is-allowed.js';
import { safeUrl } from './network-failure.js';
import type { SseAttemptContext, SseRequestBody } from './receiver-options.js';
import type { ReceiverSettings } from './receiver-settings.js';
import type { RedirectableRequest } from './redirects.js';
import { type HeaderMap, readHeaders } from './request-headers.js';
import { type RequestTarget, targetOf, urlProblem } from './request-target.js';

const NO_HEADERS: HeaderMap = new Map();

/** The first request of a connection, and the cursor that it carries. */
export interface PreparedRequest extends RedirectableRequest {
  readonly lastEventId: string;
}

/**
 * The request of one attempt, its parts made anew where they are functions. A function that fails counts as a connection
 * that failed: the place where it gets its token may be down for a moment. What it gave cannot be mended by asking again.
 *
 * @param observersHeaders go where those of the caller go, which win
 */
export async function prepareRequest(
  settings: ReceiverSettings,
  context: SseAttemptContext,
  observersHeaders: HeaderMap = NO_HEADERS,
): Promise<PreparedRequest | ConnectionResult> {
  try {
    const [{ url, authorization }, headers, body] = await Promise.all([
      readTarget(settings, context),
      readCallersHeaders(settings, context),
      readBody(settings, context),
    ]);
    if (!(await isAllowed(url, settings.allow))) return notAllowed(settings, url);
    const own = authorization ? ([['authorization', [authorization]]] as const) : [];
    const callersHeaders = new Map([...observersHeaders, ...own, ...headers]);
    const { lastEventId } = context;
    return { url, method: settings.method, callersHeaders, lastEventId, ...(body !== undefined && { body }) };
  } catch (cause) {
    if (cause instanceof SseError) return { kind: 'request', retryable: false, error: cause };
    const failure = { kind: 'request', retryable: true } as const;
    const problem = 'A function given for the request (url, headers, body or allow) failed; see the cause';
    return { ...failure, error: new SseConnectError(problem, { ...failure, cause }) };
  }
}

/** What a connection comes to that could not be begun in time. */
export function preparationTimeout(ms: number): ConnectionResult {
  const failure = { kind: 'timeout', retryable: true } as const;
  const problem = `The functions given for the request, or the cursor store, did not answer within ${ms} ms`;
  return { ...failure, error: new SseConnectError(problem, failure) };
}

function notAllowed({ method }: ReceiverSettings, url: URL): ConnectionResult {
  const failure = { kind: 'request', retryable: false } as const;
  return {
    ...failure,
    error: new SseConnectError(`${method} ${safeUrl(url)} is refused by the option allow`, failure),
  };
}

async function readTarget({ url: given }: ReceiverSettings, context: SseAttemptContext): Promise<RequestTarget> {
  if (typeof given !== 'function') return given;
  const url = await given(context);
  const problem = urlProblem(url);
  assertOptions(problem === undefined ? [] : [{ option: 'url', problem }]);
  return targetOf(url);
}

async function readCallersHeaders(
  { headers: given }: ReceiverSettings,
  context: SseAttemptContext,
): Promise<HeaderMap> {
  if (typeof given !== 'function') return given;
  const { headers, problems } = readHeaders(await given(context));
  assertOptions(problems.map((problem) => ({ option: 'headers', problem })));
  return headers;
}

async function readBody(
  { body: given }: ReceiverSettings,
  context: SseAttemptContext,
): Promise<SseRequestBody | undefined> {
  if (typeof given !== 'function') return given;
  const body = await given(context);
  assertOptions(isBody(body) ? [] : [{ option: 'body', problem: 'must give text or bytes' }]);
  return body;
}

/** Whether something can be sent as a body. */
export function isBody(value: unknown): value is SseRequestBody {
  return typeof value === 'string' || value instanceof Uint8Array;
}
