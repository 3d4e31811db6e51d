import { SseDecoder } from '../../../lib/protocol/index.js';

/** `event: data` of each message. */
export function messagesIn(text: string): string[] {
  const messages: string[] = [];
  new SseDecoder({ onMessage: ({ event, data }) => messages.push(`${event}: ${data}`) }).push(Buffer.from(text));
  return messages;
}

/** The id that a client would come back with. */
export function lastIdIn(text: string): string {
  return [...text.matchAll(/^id: (.*)$/gm)].at(-1)![1]!;
}
