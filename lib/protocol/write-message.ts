import type { EventEmitter } from 'node:events';
import { ServerResponse } from 'node:http';
import { Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { encodeMessage } from './encode-message.js';
import type { SseMessage } from './message.js';
import { SseWriteError } from './write.error.js';

/** The state that Node's own writables tell; others may tell less. */
interface WritableState {
  readonly writable?: boolean;
  readonly writableEnded?: boolean;
  readonly destroyed?: boolean;
  readonly closed?: boolean;
}

/**
 * Writes one message to a Node stream or an HTTP response.
 *
 * @returns settled as soon as the writable can take more: at once, or after `drain` when it is full
 * @throws SseInvalidMessageError for what cannot be sent; nothing has been written then
 * @throws SseWriteError when the writable has ended or is destroyed, or becomes so while it is full: part of the message may
 * have been written then. It never waits for ever, and leaves no listener behind
 * @example
 * for await (const message of source) await writeMessage(response, message);
 */
export async function writeMessage(writable: NodeJS.WritableStream, message: SseMessage | string): Promise<void> {
  const frame = encodeMessage(message);
  if (isClosed(writable)) throw new SseWriteError('Cannot write the message: the writable has ended or was destroyed');
  await write(writable, frame);
}

function isClosed(writable: NodeJS.WritableStream): boolean {
  const { writable: open, writableEnded, destroyed, closed }: WritableState = writable;
  return open === false || [writableEnded, destroyed, closed, http2StreamOf(writable)?.aborted].includes(true);
}

function write(writable: NodeJS.WritableStream, frame: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (failure?: SseWriteError): void => {
      unwatch();
      if (failure === undefined) resolve();
      else reject(failure);
    };
    const unwatch = watch(writable, settle);
    try {
      // The callback comes even where drain does not: on a writable that has been ended meanwhile.
      const canTakeMore = writable.write(frame, (error) => settle(error ? failed(error) : undefined));
      if (canTakeMore) settle();
      else if (isClosed(writable)) settle(failed());
    } catch (error) {
      settle(failed(error));
    }
  });
}

/** Calls `settle` as soon as the writable has room, or never will; returns how to stop watching. */
function watch(writable: NodeJS.WritableStream, settle: (failure?: SseWriteError) => void): () => void {
  const onDrain = (): void => settle();
  const onClose = (): void => settle(failed());
  const onError = (error: Error): void => settle(failed(error));
  const socket = socketOf(writable);
  const stream = http2StreamOf(writable);
  writable.on('drain', onDrain).on('close', onClose).on('error', onError);
  socket?.on('close', onClose);
  stream?.on('aborted', onClose);
  return () => {
    writable.off('drain', onDrain).off('close', onClose).off('error', onError);
    socket?.off('close', onClose);
    stream?.off('aborted', onClose);
  };
}

/** A response that waits behind another one of its connection is not told when that connection closes. */
function socketOf(writable: NodeJS.WritableStream): Socket | undefined {
  return writable instanceof ServerResponse ? writable.req.socket : undefined;
}

/** An HTTP/2 stream that its peer resets without an error stays open as long as there is something left to write. */
function http2StreamOf(writable: NodeJS.WritableStream): (EventEmitter & { readonly aborted?: boolean }) | undefined {
  return writable instanceof Http2ServerResponse ? writable.stream : undefined;
}

function failed(cause?: unknown): SseWriteError {
  return new SseWriteError(
    'The writable was closed before it had taken the whole message',
    cause === undefined ? undefined : { cause },
  );
}
