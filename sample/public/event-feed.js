/**
 * Follows a stream with an EventSource, which reconnects by itself and then sends the last id that it has seen. It gives
 * up for good only when something that is no event stream answers, such as a proxy's error page; then we ask again.
 */
import { askForRoom } from './room.js';

const ASK_AGAIN_MS = 3000;
/** A server that is there answers sooner, and one that is not refuses sooner. */
const ROOM_AFTER_MS = 5000;

export class EventFeed {
  #path;
  #query;
  #onPhase;
  #events;
  #source;
  #lastEventId = '';
  #wasOpen = false;
  #again;
  #waiting;

  /**
   * @param {string} path
   * @param {Record<string, string>} query
   * @param {object} handlers
   * @param {(phase: 'connecting' | 'open' | 'reconnecting' | 'paused') => void} handlers.onPhase
   * @param {Record<string, (message: MessageEvent) => void>} handlers.events by their names
   */
  constructor(path, query, { onPhase, events }) {
    this.#path = path;
    this.#query = query;
    this.#onPhase = onPhase;
    this.#events = events;
    onPhase('connecting');
    this.#listen();
  }

  /** Gives its connection back. What is missed meanwhile comes when it goes on. */
  letGo() {
    if (!this.#source) return;
    this.#stop();
    this.#onPhase('paused');
  }

  goOn() {
    if (this.#source) return;
    this.#onPhase(this.#wasOpen ? 'reconnecting' : 'connecting');
    this.#listen();
  }

  #listen() {
    const query = new URLSearchParams(this.#query);
    // A new EventSource knows no last id, and cannot be told one but by its URL.
    if (this.#lastEventId) query.set('lastEventId', this.#lastEventId);
    const source = new EventSource(`${this.#path}?${query}`);
    this.#source = source;
    this.#wait();

    source.addEventListener('open', () => {
      clearInterval(this.#waiting);
      this.#wasOpen = true;
      this.#onPhase('open');
    });
    source.addEventListener('error', () => {
      this.#wait();
      this.#onPhase(this.#wasOpen ? 'reconnecting' : 'connecting');
      if (source.readyState === EventSource.CLOSED) {
        this.#again = setTimeout(() => this.#listen(), ASK_AGAIN_MS);
      }
    });
    for (const [event, handle] of Object.entries(this.#events)) {
      source.addEventListener(event, (message) => {
        // A new EventSource knows of none until an event has brought one: what stood in its URL still holds.
        if (message.lastEventId) this.#lastEventId = message.lastEventId;
        handle(message);
      });
    }
  }

  /** For an answer of any kind. */
  #wait() {
    clearInterval(this.#waiting);
    this.#waiting = setInterval(askForRoom, ROOM_AFTER_MS);
  }

  #stop() {
    clearTimeout(this.#again);
    clearInterval(this.#waiting);
    this.#source.close();
    this.#source = undefined;
  }
}
