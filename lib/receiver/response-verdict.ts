import type { IncomingHttpHeaders } from 'node:http';
import { isEventStream } from '../protocol/index.js';
import { describe } from '../protocol/internal.js';
import type { SseOutcomeKind } from './connection-state.js';
import { isRedirect } from './redirects.js';

/**
 * Which refusals are tried again: `retry-transient` tries 408, 425, 429 and 5xx again; `whatwg` takes every status but
 * 200 for final, as browsers do. Both try network errors and timeouts again, and end quietly at 204.
 */
export type SseStatusPolicy = 'retry-transient' | 'whatwg';

/** What to do with a response. */
export type ResponseVerdict =
  | { readonly action: 'stream' | 'stop' | 'redirect' }
  | {
      readonly action: 'refuse';
      readonly kind: SseOutcomeKind;
      readonly retryable: boolean;
      /** Why, as the end of a sentence that begins with the request. */
      readonly reason: string;
    };

/** Judges a response by its head. WHATWG HTML, section 9.2.3. */
export function judgeResponse(status: number, headers: IncomingHttpHeaders, policy: SseStatusPolicy): ResponseVerdict {
  if (status === 200) return judgeContent(headers);
  if (status === 204) return { action: 'stop' };
  if (isRedirect(status)) return { action: 'redirect' };
  const retryable = policy === 'retry-transient' && isTransient(status);
  return { action: 'refuse', kind: 'http', retryable, reason: `was answered with status ${status}` };
}

function judgeContent(headers: IncomingHttpHeaders): ResponseVerdict {
  const type = headers['content-type'];
  if (!isEventStream(type)) {
    return refuseContent(`was answered with the content type ${describe(type)}, not text/event-stream`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.trim().toLowerCase() !== 'identity') {
    return refuseContent(`was answered with the content encoding ${describe(encoding)}, which was not asked for`);
  }
  return { action: 'stream' };
}

function refuseContent(reason: string): ResponseVerdict {
  return { action: 'refuse', kind: 'content-type', retryable: false, reason };
}

function isTransient(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status <= 599);
}
