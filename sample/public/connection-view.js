import { duration, samples } from './format.js';

const byId = (id) => document.getElementById(id);
const ago = (since) => duration(performance.now() - since);

/** The state of the page's connection, and what happened to it. */
export class ConnectionView {
  #phase = 'connecting';
  #since = performance.now();
  #lostAfterMs;

  constructor() {
    setInterval(() => this.#tick(), 250);
  }

  /** @param {'connecting' | 'open' | 'reconnecting'} phase */
  enter(phase) {
    // Each failed attempt is told anew; what counts is since when there is no connection.
    if (phase === this.#phase) return;
    this.#lostAfterMs = this.#phase === 'reconnecting' ? performance.now() - this.#since : undefined;
    this.#phase = phase;
    this.#since = performance.now();
    byId('state').dataset.phase = phase;
    byId('phase').textContent = phase;
    byId('cut').disabled = phase !== 'open';
    this.#tick();
    if (phase === 'reconnecting') this.#news('lost', 'Connection lost. The browser keeps asking; nothing to do here.');
  }

  resumed({ since, count }) {
    const away = this.#lostAfterMs === undefined ? '' : ` after ${duration(this.#lostAfterMs)}`;
    this.#news('resumed', `resumed: ${samples(count)} replayed since id ${since}`, `Back${away}, `);
  }

  gap({ lastEventId, reason, count }) {
    this.#news(
      'gap',
      `gap: what followed id ${lastEventId} is gone (${reason}); ${samples(count)} still kept replayed`,
    );
  }

  /** @param {import('./sample-log.js').SampleLog} log */
  count(log) {
    byId('last-event-id').textContent = log.newest.id;
    byId('received').textContent = log.received;
    byId('integrity').textContent = `${log.holes} missing, ${log.doubled} doubled`;
    byId('open-streams').textContent = log.newest.openStreams;
  }

  #news(kind, text, before = '') {
    const news = byId('news');
    news.dataset.kind = kind;
    news.textContent = before + text;
  }

  #tick() {
    byId('since').textContent = this.#phase === 'open' ? `for ${ago(this.#since)}` : `since ${ago(this.#since)}`;
  }
}
