import type { ReceivedMessage } from '../protocol/index.js';
import type { PullConsumer } from './pull-consumer.js';

type Result = IteratorResult<ReceivedMessage, undefined>;

const END: Result = { done: true, value: undefined };

/**
 * An iterator over what a consumer takes.
 *
 * @param join makes the consumer, at the first `next()`
 * @param saveCursor what the end waits for, where it is saved how far the consumer has come
 */
export function iterateMessages(
  join: () => PullConsumer,
  saveCursor: (() => Promise<void>) | undefined,
): AsyncIterator<ReceivedMessage, undefined, undefined> {
  let consumer: PullConsumer | undefined;
  let returned = false;
  const next = (): Promise<Result> => {
    if (returned) return Promise.resolve(END);
    consumer ??= join();
    return consumer.next();
  };
  return {
    next: !saveCursor
      ? next
      : async () => {
          const result = await next();
          if (result.done && !returned) await saveCursor();
          return result;
        },
    return: async () => {
      returned = true;
      // A loop that is left by throw looks just like one that is left by break: what is kept must be true of both.
      if (!saveCursor) consumer?.finish();
      consumer?.leave();
      return END;
    },
  };
}
