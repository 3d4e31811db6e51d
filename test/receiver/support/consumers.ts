import { filter, firstValueFrom } from 'rxjs';
import type { ReceivedMessage } from '../../../lib/protocol/index.js';
import type {
  RetryPolicy,
  SseConnectionPhase,
  SseConnectionState,
  SseSubscription,
} from '../../../lib/receiver/index.js';

/** Comes back at once: for tests that are not about waiting. */
export const AT_ONCE: RetryPolicy = { nextDelayMs: () => 0 };

/** The first messages of a subscription; the consumer leaves after them. */
export async function take(subscription: SseSubscription, count: number): Promise<ReceivedMessage[]> {
  const taken: ReceivedMessage[] = [];
  for await (const message of subscription) {
    taken.push(message);
    if (taken.length === count) break;
  }
  return taken;
}

/** All messages until the subscription ends. */
export async function takeAll(subscription: SseSubscription): Promise<ReceivedMessage[]> {
  const taken: ReceivedMessage[] = [];
  for await (const message of subscription) taken.push(message);
  return taken;
}

/** The data of messages. */
export function data(messages: readonly ReceivedMessage[]): string[] {
  return messages.map((message) => message.data);
}

/** The state with which the subscription enters a phase (or the present one). */
export function entered<Phase extends SseConnectionPhase>(
  subscription: SseSubscription,
  phase: Phase,
): Promise<SseConnectionState & { phase: Phase }> {
  const isPhase = (state: SseConnectionState): state is SseConnectionState & { phase: Phase } => state.phase === phase;
  return firstValueFrom(subscription.state$.pipe(filter(isPhase)));
}

/** What a promise rejects with; fails if it does not. */
export async function failureOf(promise: Promise<unknown>): Promise<any> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

/** Lets this many turns of the event loop go by: for what must NOT happen, or to be slow without a clock. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
