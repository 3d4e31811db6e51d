import { duration, samples } from './format.js';
import { PhaseLine } from './phase-line.js';

const byId = (id) => document.getElementById(id);

const NEWS = {
  reconnecting: 'Connection lost. The browser keeps asking; nothing to do here.',
  paused: 'Connection let go, while nobody looks or a notice needs it.',
};

/** The state of the page's connection, and what happened to it. */
export class ConnectionView {
  #line = new PhaseLine(byId('state'));

  /** @param {'connecting' | 'open' | 'reconnecting' | 'paused'} phase */
  enter(phase) {
    const before = this.#line.phase;
    if (!this.#line.enter(phase)) return;
    byId('cut').disabled = phase !== 'open';
    if (NEWS[phase] && before !== 'paused') this.#news('lost', NEWS[phase]);
  }

  resumed({ since, count }) {
    const { awayMs } = this.#line;
    const away = awayMs === undefined ? '' : ` after ${duration(awayMs)}`;
    this.#news('resumed', `Back${away}, resumed: ${samples(count)} replayed since id ${since}`);
  }

  servedBy(by) {
    byId('served-by').textContent = by;
  }

  gap({ lastEventId, reason, count }) {
    if (reason === 'foreign') {
      // Each instance samples by itself: what one has sent cannot go on at another.
      this.#news('gap', `gap: another instance serves this page now, and has ${samples(count)} of its own`);
      return;
    }
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

  #news(kind, text) {
    const news = byId('news');
    news.dataset.kind = kind;
    news.textContent = text;
  }
}
