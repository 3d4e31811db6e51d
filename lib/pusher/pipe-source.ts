import { setImmediate as nextTurn } from 'node:timers/promises';
import { formatMessage, type SseMessage } from '../protocol/index.js';
import type { EventStream } from './event-stream.js';
import { SseOverflowError } from './overflow.error.js';
import type { SourceEnd } from './shared-stream.js';
import type { RunnableSource, SourceConsumer, SseItem } from './sources.js';
import type { StreamFailures } from './stream-failures.js';

/**
 * Runs a source into a stream, at the pace of the peer if the source can wait. What it yields that is no message is
 * logged and skipped: one bad item does not take the others down.
 *
 * @returns resolves when the source has ended or the stream has closed, rejects with what the source fails with
 */
export function pipeSource(source: RunnableSource, stream: EventStream, failures: StreamFailures): Promise<void> {
  if (stream.state === 'closed') {
    source.release();
    return Promise.resolve();
  }
  const send = (item: SseItem) => stream.send(formatMessage(item as SseMessage, stream.settings.serialize));
  const consumer: SourceConsumer = {
    stream,
    async take(item) {
      try {
        return await send(item);
      } catch (error) {
        failures.logSkipped(error, stream.info);
        // A source that has nothing but bad items, and all of them at hand, would never let anybody else run.
        await nextTurn();
        return stream.state !== 'closed';
      }
    },
    takeUnasked(item) {
      try {
        void send(item);
      } catch (error) {
        if (error instanceof SseOverflowError && error.messageBytes <= error.maxBufferedBytes) {
          failures.logOverflow(error, stream.info);
          stream.destroy('stalled');
        } else {
          failures.logSkipped(error, stream.info);
        }
      }
    },
    onceClosed: (listener) => stream.onceClosed(listener),
  };
  return source.run(consumer);
}

/** Does the same, and tells `end` what becomes of it; of a source that writes by itself nothing else is kept meanwhile. */
export function startSource(
  source: RunnableSource,
  stream: EventStream,
  failures: StreamFailures,
  end: SourceEnd,
): void {
  if (source.writer && stream.state !== 'closed') {
    source.writer.writeInto(stream, end);
  } else {
    pipeSource(source, stream, failures).then(
      () => end.ended(),
      (error) => end.failed(error),
    );
  }
}
