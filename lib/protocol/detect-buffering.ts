import { isEventStream } from './headers.js';
import { SseProbeError } from './probe.error.js';
import { PROBE_EVENTS } from './probe-events.js';
import { readMessages } from './read-messages.js';
import type { ReceivedMessage } from './received-message.js';

/**
 * Asks a route that streams a `bufferingProbe()` whether events come as they are sent. It takes one round trip where they
 * do, and the whole of the probe's `holdMs` where they do not.
 *
 * No clock is read. When the first event is there, one more request (`HEAD`, to the same URL) goes to the server and back.
 * If its answer is there before the last event, the two have come apart; if something holds them back, they come together.
 * So a `holdMs` that is shorter than a round trip makes every way look as if it buffered.
 *
 * @param init headers, credentials and so on for both requests, as for `fetch()`; its `signal` ends the wait
 * @returns `'streaming'`, or `'buffered'` when the first event was held back until the last one was sent
 * @throws SseProbeError for an answer that is no probe, and for one that is cut off
 * @throws whatever `fetch()` throws when the server cannot be reached, or the `signal` is aborted
 * @example
 * ```ts
 * if ((await detectBuffering('https://shop.example/health/buffering')) === 'buffered') warn('see docs/production/proxies.md');
 * ```
 */
export async function detectBuffering(url: string | URL, init: RequestInit = {}): Promise<'streaming' | 'buffered'> {
  const own = new AbortController();
  const signal = init.signal ? AbortSignal.any([init.signal, own.signal]) : own.signal;
  const headers = new Headers(init.headers);
  headers.set('accept', 'text/event-stream');
  const request = (method: string) => fetch(url, { ...init, headers, signal, method });
  try {
    const events = readMessages(probeBody(await request('GET'), url));
    await nextOf(events, PROBE_EVENTS.first);
    const apart = request('HEAD').then(() => 'streaming' as const);
    const together = nextOf(events, PROBE_EVENTS.last).then(() => 'buffered' as const);
    const verdict = await Promise.race([apart, together]);
    // What the abort below does to the one that came second is nobody's business.
    void Promise.allSettled([apart, together]);
    return verdict;
  } finally {
    own.abort();
  }
}

function probeBody({ status, headers, body }: Response, url: string | URL): NonNullable<Response['body']> {
  const contentType = headers.get('content-type');
  if (status !== 200 || !body || !isEventStream(contentType)) {
    throw new SseProbeError(`${url} answered ${status} with ${contentType}: it must be a route that streams a probe`);
  }
  return body;
}

async function nextOf(events: AsyncGenerator<ReceivedMessage>, name: string): Promise<void> {
  const { done, value } = await events.next();
  if (done || value.event !== name) {
    const instead = done ? 'was over' : `had an event '${value.event}'`;
    throw new SseProbeError(`The stream ${instead} where '${name}' was to come`);
  }
}
