import { isTaken } from './http-exchange.js';

/** What is used of Nest's HTTP adapter. */
export interface ReplyingAdapter {
  reply(response: unknown, body: unknown, statusCode?: number): unknown;
}

const GUARDED = Symbol.for('nestjs-event-stream.guarded');

/**
 * Keeps Nest from answering a response that a stream has taken. Nest replies with whatever the interceptors made of a
 * handler's result, and would end a stream that has just opened. Other responses are answered as ever. Idempotent.
 */
export function guardReplies(adapter: ReplyingAdapter): void {
  const reply = adapter.reply as ReplyingAdapter['reply'] & { [GUARDED]?: true };
  if (reply[GUARDED]) {
    return;
  }
  const guarded = function (this: unknown, response: unknown, body: unknown, statusCode?: number): unknown {
    return isTaken(response) ? undefined : reply.call(adapter, response, body, statusCode);
  };
  adapter.reply = Object.assign(guarded, { [GUARDED]: true as const });
}
