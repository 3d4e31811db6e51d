import { timeOfDay } from './format.js';

const SHOWN = 50;

/** The notices, newest first. What others have written goes in as text, whatever it looks like. */
export class NoticeList {
  #list;

  /** @param {HTMLOListElement} list */
  constructor(list) {
    this.#list = list;
  }

  /** @param {{ text: string, at: number, kind: 'new' | 'earlier' | 'replayed' }} notice */
  add({ text, at, kind }) {
    const time = element('time', '', timeOfDay(at));
    time.dateTime = new Date(at).toISOString();
    const head = element('p', 'notice-head');
    head.append(time);
    if (kind !== 'new') head.append(element('span', 'mark', kind));
    const body = element('p', 'notice-text', text);
    body.dir = 'auto';
    this.#prepend(kind, head, body);
  }

  /** Something that belongs at this place, and that nobody has posted. */
  remark(text) {
    this.#prepend('gap', element('p', 'notice-text', text));
  }

  #prepend(kind, ...parts) {
    const item = document.createElement('li');
    item.dataset.kind = kind;
    item.append(...parts);
    this.#list.prepend(item);
    while (this.#list.children.length > SHOWN) this.#list.lastElementChild.remove();
  }
}

function element(name, className, textContent = '') {
  return Object.assign(document.createElement(name), { className, textContent });
}
