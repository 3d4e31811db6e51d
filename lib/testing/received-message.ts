import { encodeMessage, ReceivedMessage, SseDecoder } from '../protocol/index.js';

/** What a message is to be; everything has a default. */
export interface ReceivedMessageParts {
  /** Default `message`. */
  readonly event?: string;
  /** A text as it is, anything else as JSON. Default: the empty text. */
  readonly data?: unknown;
  /** Default: none. */
  readonly id?: string;
  /** The id that the stream had before, which a message without one goes on with. Default: the empty text. */
  readonly lastEventId?: string;
}

/**
 * A message as a receiver would hand it to a handler, for a unit test of that handler. It goes through the codec, so that
 * nothing comes out that could not come over a socket.
 *
 * @throws SseInvalidMessageError for what cannot be sent, such as an id with a line break
 *
 * @example
 * ```ts
 * await invoices.markPaid(receivedMessage({ event: 'invoice.paid', data: { id: '17' } }));
 * ```
 */
export function receivedMessage({
  event,
  data = '',
  id,
  lastEventId = '',
}: ReceivedMessageParts = {}): ReceivedMessage {
  let message = new ReceivedMessage('message', '', lastEventId);
  const decoder = new SseDecoder({
    lastEventId,
    onMessage: (decoded) => {
      message = decoded;
    },
  });
  const fields = { data, ...(event === undefined ? {} : { event }), ...(id === undefined ? {} : { id }) };
  decoder.push(encodeMessage(fields));
  return message;
}
