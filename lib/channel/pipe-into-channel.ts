import { setImmediate as nextTurn } from 'node:timers/promises';
import { isObservable } from 'rxjs';
import { SseOptionsError } from '../protocol/index.js';
import { assertOptions, describe, findOptionProblems, type OptionRules, oneOf } from '../protocol/internal.js';
import { type AnyIterator, leave, openIterator } from '../pusher/internal.js';
import type { ChannelMessage } from './channel-message.js';
import { type RelayedIds, relayedMessage } from './relayed-message.js';

const RULES: OptionRules<{ ids?: RelayedIds }> = { ids: oneOf('drop', 'refuse') };

/** After so many messages that were all at hand, others get their turn of the event loop. */
const MESSAGES_PER_TURN = 64;

/**
 * Publishes what a source yields: the next message is asked for when the one before it was published.
 *
 * @returns resolves when the source has ended; rejects with what it, or the publishing, fails with, and with
 *   SseOptionsError for what is no such source, and options that cannot be used
 */
export async function pipeIntoChannel(
  source: unknown,
  options: { ids?: RelayedIds },
  publish: (message: ChannelMessage) => Promise<unknown>,
): Promise<void> {
  assertOptions(findOptionProblems(options, RULES));
  const iterator = iteratorOf(source);
  try {
    await publishAll(iterator, options.ids ?? 'refuse', publish);
  } catch (error) {
    leave(iterator);
    throw error;
  }
}

async function publishAll(
  iterator: AnyIterator,
  ids: RelayedIds,
  publish: (message: ChannelMessage) => Promise<unknown>,
): Promise<void> {
  for (let taken = 1; ; taken++) {
    const next = await iterator.next();
    if (next.done) return;
    const message = relayedMessage(next.value, ids);
    if (message !== undefined) await publish(message);
    // Where nobody follows the channel, publishing takes no time.
    if (taken % MESSAGES_PER_TURN === 0) await nextTurn();
  }
}

function iteratorOf(source: unknown): AnyIterator {
  const isSource = typeof source === 'object' && source !== null && !isObservable(source);
  const iterator = isSource ? openIterator(source) : undefined;
  if (iterator) return iterator;
  const given = isObservable(source) ? 'an Observable, which cannot wait: use an async iterable' : describe(source);
  const problem = `must be an AsyncIterable, an Iterable or a ReadableStream of messages, got ${given}`;
  throw new SseOptionsError([{ option: 'source', problem }]);
}
