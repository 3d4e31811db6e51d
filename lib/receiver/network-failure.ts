/** Codes of undici that no other attempt can mend: the request, or the dispatcher that was passed in, is unusable. */
const FINAL_CODES = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED', 'UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);

interface CodedError extends Error {
  readonly code?: string;
}

/** Whether a failure would come again at every attempt. */
export function isFinalFailure(error: CodedError): boolean {
  return error.code !== undefined && FINAL_CODES.has(error.code);
}

/** A failure in words; when several addresses were tried, Node gives an error without any. */
export function describeFailure(error: CodedError): string {
  return error.message || error.code || error.name;
}

/** A URL as it may appear in errors: credentials and query strings are secrets often enough. */
export function safeUrl(url: URL): string {
  return url.origin + url.pathname;
}
