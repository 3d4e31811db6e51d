import { SseError } from './sse-error.js';
import type { StandardSchemaIssue } from './standard-schema.js';

/**
 * Why `json()` failed:
 * - `syntax`: the data is no JSON
 * - `schema`: the schema refused the value (see `issues`), threw (see `cause`), or is no schema
 * - `async-schema`: the schema answers with a promise, which `json()` cannot wait for
 */
export type SseJsonErrorReason = 'syntax' | 'schema' | 'async-schema';

/** The data of a received message is not the JSON that was asked for. The text itself is not repeated: it may be private. */
export class SseJsonError extends SseError {
  readonly code = 'SSE_JSON';
  readonly field = 'data';

  constructor(
    readonly reason: SseJsonErrorReason,
    message: string,
    /** What the schema had to object to. */
    readonly issues: readonly StandardSchemaIssue[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
