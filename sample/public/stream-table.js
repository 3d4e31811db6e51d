import { bytes, duration } from './format.js';

/** What is kept for a reader of a channel, and what may wait for any other. */
const FULL_BYTES = 2 ** 20;
const VIEWER_SHOWN = 8;

/** The open streams, oldest first. What clients have said goes in as text, whatever it looks like. */
export class StreamTable {
  #body;
  #onClose;
  /** @type {Map<number, { report: object, row: StreamRow }>} */
  #streams = new Map();
  /** How far the server's clock is behind ours. */
  #clockOffsetMs = 0;

  /**
   * @param {HTMLTableSectionElement} body
   * @param {(id: number, route: string) => void} onClose
   */
  constructor(body, onClose) {
    this.#body = body;
    this.#onClose = onClose;
  }

  /** Forgets what was shown before. @param {number} now by the server's clock */
  begin(now) {
    this.#clockOffsetMs = Date.now() - now;
    this.remove([...this.#streams.keys()]);
  }

  /** New streams, and what has become of others. */
  put(reports, now) {
    this.#clockOffsetMs = Date.now() - now;
    for (const report of reports) {
      const known = this.#streams.get(report.id);
      const row = known?.row ?? new StreamRow(report, this.#onClose);
      if (!known) this.#body.append(row.element);
      this.#streams.set(report.id, { report, row });
    }
    this.draw();
  }

  remove(ids) {
    for (const id of ids) {
      this.#streams.get(id)?.row.element.remove();
      this.#streams.delete(id);
    }
  }

  draw() {
    const now = Date.now() - this.#clockOffsetMs;
    for (const { report, row } of this.#streams.values()) row.draw(report, now);
  }
}

class StreamRow {
  element = document.createElement('tr');
  #age = cell('number');
  #bar = document.createElement('span');
  #lag = Object.assign(document.createElement('span'), { className: 'lag-text' });
  #sent = cell('number');
  #lastWrite = cell('number');

  constructor({ id, route, keys }, onClose) {
    this.element.dataset.id = id;
    this.element.dataset.route = route;
    const name = cell('');
    name.append(span('route', route), ' ', span('id', id));
    const viewer = cell('viewer', keys.viewer ? keys.viewer.slice(0, VIEWER_SHOWN) : '–');
    const bar = span('bar', '');
    bar.append(this.#bar);
    const grid = Object.assign(document.createElement('div'), { className: 'lag' });
    grid.append(bar, this.#lag);
    const behind = cell('');
    behind.append(grid);
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: 'Close' });
    button.setAttribute('aria-label', `Close stream ${id} of ${route}`);
    button.addEventListener('click', () => onClose(id, route));
    const last = cell('');
    last.append(button);
    this.element.append(name, viewer, this.#age, behind, this.#sent, this.#lastWrite, last);
  }

  draw({ state, openedAt, lastWriteAt, lag, bufferedBytes, sentBytes }, now) {
    const waiting = (lag?.bytes ?? 0) + bufferedBytes;
    this.element.dataset.lag = lag?.hasLost ? 'lost' : waiting > 0 ? 'some' : 'none';
    this.element.dataset.waiting = waiting;
    this.#age.textContent = openedAt === undefined ? state : duration(now - openedAt);
    this.#bar.style.width = `${Math.min((100 * waiting) / FULL_BYTES, 100)}%`;
    this.#lag.textContent = lagText(lag, waiting);
    this.#sent.textContent = bytes(sentBytes);
    this.#lastWrite.textContent = lastWriteAt === undefined ? '–' : `${duration(now - lastWriteAt)} ago`;
  }
}

function lagText(lag, waiting) {
  if (lag?.hasLost) return `${bytes(waiting)}, and more is lost`;
  if (lag?.messages > 0) return `${bytes(waiting)}, for ${duration(lag.forMs)}`;
  return waiting > 0 ? `${bytes(waiting)} waits` : 'up to date';
}

function cell(className, textContent = '') {
  return Object.assign(document.createElement('td'), { className, textContent });
}

function span(className, textContent) {
  return Object.assign(document.createElement('span'), { className, textContent });
}
