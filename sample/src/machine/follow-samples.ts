import type { SseMessage } from 'nestjs-event-stream';
import { firstValueFrom } from 'rxjs';
import type { MachineSample } from './machine-sample.js';
import type { SampleHistory } from './sample-history.js';
import { parseSampleId } from './sample-id.js';

/** Where a reader begins. */
export interface ReaderStart {
  /** What the client has sent; absent on a first connect. */
  readonly lastEventId?: string | undefined;
  /** How many of the newest samples a first connect begins with. */
  readonly replay: number;
}

/**
 * The samples as messages, from where the reader stands and on for ever. What is replayed and what is live comes from
 * the same history by the same loop, so nothing is lost or doubled between them, and a reader that falls behind
 * catches up like one that comes back.
 *
 * A reader that comes back is told first how many samples follow that it has missed (`event: resumed`), or that some are
 * missing for good (`event: gap`).
 */
export async function* followSamples(
  history: SampleHistory,
  { lastEventId, replay }: ReaderStart,
  signal: AbortSignal,
): AsyncGenerator<SseMessage> {
  let position = lastEventId === undefined ? history.positionBefore(replay) : parseSampleId(lastEventId);
  if (lastEventId !== undefined && history.gapAt(position) === undefined) {
    yield { event: 'resumed', data: { since: lastEventId, count: history.after(position!).length } };
  }
  while (!signal.aborted) {
    const reason = history.gapAt(position);
    if (reason) {
      const floor = history.floor;
      yield gapMessage(history, position === undefined ? lastEventId! : String(position), reason);
      position = floor;
    }
    for (const sample of history.after(position!)) {
      yield toMessage(sample);
      position = sample.id;
    }
    // While the reader took those, more may have come; and between this look and the wait nothing can.
    if (position === history.newestId) {
      // Not raced against the signal: the next sample, a second away at most, ends the wait as well.
      await firstValueFrom(history.appended$);
    }
  }
}

/** Its id is the position from which everything is still kept: who is cut off right after it is not told again. */
function gapMessage(history: SampleHistory, lastEventId: string, reason: string): SseMessage {
  const { floor } = history;
  return {
    id: String(floor),
    event: 'gap',
    data: { lastEventId, reason, count: history.after(floor).length },
  };
}

function toMessage({ id, ...data }: MachineSample): SseMessage {
  return { id: String(id), event: 'sample', data };
}
