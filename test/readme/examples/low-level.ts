import { createServer } from 'node:http';
import { readMessages, writeMessage } from 'nestjs-event-stream/protocol';

// A writer without a framework ...
export const server = createServer(async (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  await writeMessage(response, { comment: 'hello' });
  await writeMessage(response, { id: '1', event: 'greeting', data: { text: 'two\nlines' } });
  response.end();
});

// ... and a reader of anything that yields bytes.
export async function greetings(url: string): Promise<unknown[]> {
  const { body } = await fetch(url);
  const texts: unknown[] = [];
  for await (const message of readMessages(body!)) {
    texts.push(message.event, message.lastEventId, message.json());
  }
  return texts;
}
