import { SseError, SseOptionsError } from '../protocol/index.js';
import { SseConnectError } from './connect.error.js';
import type { ConnectionResult } from './connection.js';
import type { SseAttemptContext } from './receiver-options.js';
import type { ReceiverSettings } from './receiver-settings.js';
import type { RedirectableRequest } from './redirects.js';
import { type HeaderMap, readHeaders } from './request-headers.js';

/**
 * The request of one attempt, with headers made for it. A `headers` function that fails counts as a connection that
 * failed: the place where it gets its token may be down for a moment. What it gave cannot be mended by asking again.
 */
export async function prepareRequest(
  settings: ReceiverSettings,
  context: SseAttemptContext,
): Promise<RedirectableRequest | ConnectionResult> {
  try {
    const { url, method, body, authorization } = settings;
    const headers = await headersOf(settings, context);
    const callersHeaders = authorization ? new Map([['authorization', [authorization]], ...headers]) : headers;
    return { url, method, callersHeaders, ...(body !== undefined && { body }) };
  } catch (cause) {
    if (cause instanceof SseError) return { kind: 'request', retryable: false, error: cause };
    const error = new SseConnectError('The function given as headers failed; see the cause', {
      kind: 'request',
      retryable: true,
      cause,
    });
    return { kind: 'request', retryable: true, error };
  }
}

/** What a connection comes to whose `headers` function did not answer in time. */
export function headersTimeout(ms: number): ConnectionResult {
  const failure = { kind: 'timeout', retryable: true } as const;
  return {
    ...failure,
    error: new SseConnectError(`The function given as headers did not answer within ${ms} ms`, failure),
  };
}

async function headersOf({ headers: given }: ReceiverSettings, context: SseAttemptContext): Promise<HeaderMap> {
  if (typeof given !== 'function') return given;
  const { headers, problems } = readHeaders(await given(context));
  if (problems.length > 0) {
    throw new SseOptionsError(problems.map((problem) => ({ option: 'headers', problem })));
  }
  return headers;
}
