import { EventSourceParserStream } from 'eventsource-parser/stream';

/** The tokens of an answer, as they come. Ends with the answer, and throws when it was broken off. */
export async function* ask(url: string, prompt: string, signal: AbortSignal): AsyncGenerator<string> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ prompt }), signal });
  if (!response.ok || !response.body) throw new Error(`Refused with ${response.status}`);
  const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  const reader = events.getReader(); // not every browser has `for await` over a stream
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      const { event, data } = next.value;
      if (event === 'token') yield JSON.parse(data).text;
      if (event === 'failed') throw new Error(JSON.parse(data).why);
      if (event === 'done') return;
    }
  } finally {
    reader.cancel().catch(() => {}); // whoever leaves the loop leaves the server, too
  }
  throw new Error('The connection was lost before the answer was complete');
}
