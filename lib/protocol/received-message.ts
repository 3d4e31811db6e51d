import { SseJsonError, type SseJsonErrorReason } from './json.error.js';
import type { StandardSchemaIssue, StandardSchemaResult, StandardSchemaV1 } from './standard-schema.js';

/**
 * A message as a client receives it. WHATWG HTML, section 9.2.6 (dispatching). It can be sent on as it is.
 */
export class ReceivedMessage {
  constructor(
    /** The event's name; `message` when the server gave none. */
    readonly event: string,
    /** The data lines, joined with LF. */
    readonly data: string,
    /** The last id that the server has given, up to and with this message; empty when there is none. */
    readonly lastEventId: string,
    /** The id that this very message carried; absent when it carried none. */
    readonly id?: string,
  ) {}

  /**
   * The data as JSON, checked by a schema if one is given. Parsed anew at each call.
   *
   * @param schema any Standard Schema (Zod, Valibot, ArkType, ...) that answers synchronously
   * @throws SseJsonError when the data is no JSON, when the schema refuses it, and when the schema is asynchronous
   * @example
   * const order = message.json(z.object({ id: z.string() }));
   */
  json<T = unknown>(schema?: StandardSchemaV1<unknown, T>): T {
    const value = parse(this);
    return schema === undefined ? (value as T) : validate(this, schema, value);
  }
}

function parse(message: ReceivedMessage): unknown {
  try {
    return JSON.parse(message.data);
  } catch (cause) {
    throw jsonError(message, 'syntax', 'is no JSON; read it as text with .data', [], { cause });
  }
}

function validate<T>(message: ReceivedMessage, schema: StandardSchemaV1<unknown, T>, value: unknown): T {
  const result = ask(message, schema, value);
  if (isPromise(result)) {
    // Nobody waits for this answer, so its failure must not count as an unhandled rejection.
    result.then(undefined, () => {});
    throw jsonError(
      message,
      'async-schema',
      'cannot be checked by an asynchronous schema; use one that is synchronous',
    );
  }
  if (result.issues !== undefined) {
    const problems = result.issues.map((issue) => issue.message).join('; ');
    throw jsonError(message, 'schema', `does not match the schema: ${problems}`, result.issues);
  }
  return result.value;
}

function ask<T>(message: ReceivedMessage, schema: StandardSchemaV1<unknown, T>, value: unknown) {
  try {
    return schema['~standard'].validate(value);
  } catch (cause) {
    throw jsonError(message, 'schema', 'could not be checked: the schema threw, or is no Standard Schema', [], {
      cause,
    });
  }
}

function isPromise<T>(result: StandardSchemaResult<T> | Promise<unknown>): result is Promise<unknown> {
  return 'then' in result && typeof result.then === 'function';
}

function jsonError(
  { event }: ReceivedMessage,
  reason: SseJsonErrorReason,
  problem: string,
  issues?: readonly StandardSchemaIssue[],
  options?: ErrorOptions,
): SseJsonError {
  return new SseJsonError(reason, `The data of the event ${JSON.stringify(event)} ${problem}`, issues, options);
}
