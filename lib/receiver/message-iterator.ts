import type { ReceivedMessage } from '../protocol/index.js';
import type { CursorKeeper } from './cursor-keeper.js';
import type { PullConsumer } from './pull-consumer.js';

type Result = IteratorResult<ReceivedMessage, undefined>;

const END: Result = { done: true, value: undefined };

/**
 * An iterator over what a consumer takes.
 *
 * @param join makes the consumer, at the first `next()`
 * @param keeper saves how far the consumer has come, if anybody does: the end waits for it
 */
export function iterateMessages(
  join: () => PullConsumer,
  keeper: CursorKeeper | undefined,
): AsyncIterator<ReceivedMessage, undefined, undefined> {
  let consumer: PullConsumer | undefined;
  let returned = false;
  const next = (): Promise<Result> => {
    if (returned) return Promise.resolve(END);
    consumer ??= join();
    return consumer.next();
  };
  return {
    next: keeper ? async () => afterSaving(await next(), keeper) : next,
    return: async () => {
      returned = true;
      // A loop that is left by throw looks just like one that is left by break: what is kept must be true of both.
      if (!keeper) consumer?.finish();
      consumer?.leave();
      return END;
    },
  };
}

async function afterSaving(result: Result, keeper: CursorKeeper): Promise<Result> {
  if (result.done) await keeper.close();
  return result;
}
