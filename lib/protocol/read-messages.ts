import { type ByteReader, type ByteStream, openBytes } from './byte-reader.js';
import { SseDecodeError } from './decode.error.js';
import type { SseDecodingOptions } from './decoder-options.js';
import { SseOptionsError } from './options.error.js';
import type { ReceivedMessage } from './received-message.js';
import { SseDecoder } from './sse-decoder.js';

/** Options of `readMessages()`. */
export interface ReadMessagesOptions extends SseDecodingOptions {
  /** What to do when the stream ends in the middle of a block: drop that block, as the standard says, or fail. Default: `drop`. */
  readonly cutOff?: 'drop' | 'fail' | undefined;
}

/**
 * The messages of an event stream, one after the other. The source is read only as fast as messages are taken, and is
 * cancelled (a Node stream: destroyed) as soon as the consumer stops, even while it waits for bytes.
 *
 * @param source a response's body, a Node stream, or any other async iterable of bytes
 * @throws SseDecodeError `too-large`, after the messages before it; `cut-off` if asked for
 * @throws whatever the source or a handler throws
 * @example
 * const response = await fetch(url, { headers: { accept: 'text/event-stream' } });
 * for await (const message of readMessages(response.body!)) console.log(message.json());
 */
export function readMessages(
  source: AsyncIterable<Uint8Array> | ByteStream,
  { cutOff = 'drop', ...options }: ReadMessagesOptions = {},
): AsyncGenerator<ReceivedMessage, void, undefined> {
  if (cutOff !== 'drop' && cutOff !== 'fail') {
    throw new SseOptionsError([{ option: 'cutOff', problem: "must be 'drop' or 'fail'" }]);
  }
  const queue: ReceivedMessage[] = [];
  const decoder = new SseDecoder({ ...options, onMessage: (message) => queue.push(message) });
  const reader = openBytes(source);
  const messages = read(reader, decoder, queue, cutOff === 'fail');
  const finish = messages.return.bind(messages);
  // A generator hears of return() only at its next yield; the source may be silent until then.
  messages.return = (value) => {
    void reader.cancel();
    return finish(value);
  };
  return messages;
}

async function* read(reader: ByteReader, decoder: SseDecoder, queue: ReceivedMessage[], whole: boolean) {
  try {
    for (let bytes = await reader.read(); bytes !== undefined; bytes = await reader.read()) {
      const failure = failureOf(() => decoder.push(bytes as Uint8Array));
      yield* queue.splice(0);
      if (failure !== undefined) throw failure.error;
    }
    const { cutOff } = decoder.end();
    if (cutOff && whole) throw new SseDecodeError('cut-off', 'The stream ended in the middle of a message');
  } finally {
    await reader.cancel();
  }
}

/** What was decoded before a failure is still handed out, so the failure has to wait. */
function failureOf(work: () => void): { readonly error: unknown } | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return { error };
  }
}
