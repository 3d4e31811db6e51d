import { isNativeError } from 'node:util/types';
import { SseCursorError } from '../receiver/index.js';

/**
 * Why something failed, for the log. Never throws, whatever was thrown. Not the cause: a syntax error, for one, quotes the
 * data. What is no error may be anything, so it is not told.
 */
export function reasonOf(error: unknown): string {
  try {
    if (!isError(error)) return `threw a value of type ${typeof error}`;
    // A store never sees the data of a message.
    return error instanceof SseCursorError && isError(error.cause)
      ? `${error.message} (${withCode(error.cause)})`
      : textOf(error);
  } catch {
    return 'threw an error that cannot be read';
  }
}

/** For the log, too; absent where there is none, or none that can be read. */
export function stackOf(error: unknown): string | undefined {
  try {
    return isError(error) && typeof error.stack === 'string' ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

/** A refused connection, for one, is an AggregateError without a message. */
function textOf(error: Error): string {
  return messageOf(error) || messagesIn(error) || codeOf(error) || String(error.name);
}

function messageOf({ message }: Error): string {
  return typeof message === 'string' ? message : '';
}

function messagesIn(error: Error): string {
  const { errors } = error as { errors?: unknown };
  return Array.isArray(errors) ? errors.filter(isError).map(messageOf).filter(Boolean).join('; ') : '';
}

function codeOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

function withCode(error: Error): string {
  const text = textOf(error);
  const code = codeOf(error);
  return text.includes(code) ? text : `${code}: ${text}`;
}

/** Also one of another realm, as a sandbox has them. */
function isError(error: unknown): error is Error {
  return error instanceof Error || isNativeError(error);
}
