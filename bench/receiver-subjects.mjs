/**
 * The subjects of receiver.mjs. Each follows one stream, hands on the data of each event, and resolves at the stream's
 * end, after which it does not connect again. Only the subject that runs is loaded.
 */
import { request } from 'node:http';

/** Where ours comes from. */
const LIB = process.env.LIB ?? new URL('../dist', import.meta.url).href;

/** @typedef {(url: string, onData: (data: string) => void) => Promise<unknown>} Subject */

/** @type {Subject} */
async function baseline(url, onData) {
  const { SseDecoder } = await import(`${LIB}/protocol/index.js`);
  const decoder = new SseDecoder({ onMessage: (message) => onData(message.data) });
  return new Promise((resolve, reject) => {
    request(url, (response) => {
      response.on('data', (bytes) => decoder.push(bytes)).on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}

/** @param {string} url @returns {Promise<import('../dist/receiver/index.js').SseSubscription>} */
async function subscribe(url) {
  const { SseReceiverService } = await import(`${LIB}/receiver/index.js`);
  return new SseReceiverService().subscribe(url, { retry: false });
}

/** @type {Record<string, Subject>} */
const ours = {
  async 'ours, messages$'(url, onData) {
    const subscription = await subscribe(url);
    return new Promise((resolve, reject) => {
      const complete = () => resolve(undefined);
      subscription.messages$.subscribe({ next: (message) => onData(message.data), complete, error: reject });
    });
  },
  async 'ours, for await'(url, onData) {
    for await (const { data } of await subscribe(url)) onData(data);
  },
  async 'ours, process()'(url, onData) {
    const subscription = await subscribe(url);
    return subscription.process(async ({ data }) => onData(data));
  },
};

/** @type {Record<string, Subject>} */
const others = {
  /** The one that Node has, and the decoder of ours, for it has none. */
  async 'fetch + decoder'(url, onData) {
    const { SseDecoder } = await import(`${LIB}/protocol/index.js`);
    const decoder = new SseDecoder({ onMessage: (message) => onData(message.data) });
    const { body } = await fetch(url);
    for await (const bytes of body ?? []) decoder.push(bytes);
  },
  async eventsource(url, onData) {
    const { EventSource } = await import('eventsource');
    return untilError(new EventSource(url), onData);
  },
  /** By its callback: its iterator keeps a queue, which costs more, and drops that queue when it is closed. */
  async 'eventsource-client'(url, onData) {
    const { createEventSource } = await import('eventsource-client');
    return new Promise((resolve) => {
      const source = createEventSource({
        url,
        onMessage: ({ data }) => onData(data),
        onDisconnect: () => resolve(source.close()),
      });
    });
  },
  async 'launchdarkly-eventsource'(url, onData) {
    const { EventSource } = (await import('launchdarkly-eventsource')).default;
    const source = new EventSource(url);
    source.addEventListener('tick', (/** @type {{ data: string }} */ { data }) => onData(data));
    return new Promise((resolve, reject) => {
      source.onend = () => resolve(source.close());
      source.onerror = reject;
    });
  },
  async 'undici EventSource'(url, onData) {
    const { EventSource } = await import('undici');
    return untilError(new EventSource(url), onData);
  },
};

/**
 * @param {EventTarget & { close(): void }} source tells the end of a stream as an error
 * @param {(data: string) => void} onData
 */
function untilError(source, onData) {
  source.addEventListener('tick', (event) => onData(/** @type {MessageEvent} */ (event).data));
  return new Promise((resolve) => {
    source.addEventListener('error', () => resolve(source.close()));
  });
}

export const BASELINE = 'http.request + decoder';
/** The usual package for this. */
export const USUAL = 'eventsource';
export const OURS = Object.keys(ours);

/** @type {Record<string, Subject>} */
export const subjects = { ...ours, ...others, [BASELINE]: baseline };
