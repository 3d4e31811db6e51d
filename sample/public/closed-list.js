import { bytes, duration, timeOfDay } from './format.js';

const SHOWN = 10;

/** The streams that ended last. @param {HTMLOListElement} list */
export async function showClosed(list) {
  try {
    const response = await fetch(`admin/sse/closed?limit=${SHOWN}`);
    if (!response.ok) return;
    const { closed } = await response.json();
    list.replaceChildren(...closed.map(itemOf));
  } catch {
    // The next change asks again.
  }
}

function itemOf({ id, route, reason, closedAt, ageMs, sentBytes }) {
  const item = document.createElement('li');
  const why = element('span', 'reason', reason);
  why.dataset.reason = reason;
  const rest = `stream ${id}, open for ${duration(ageMs)}, ${bytes(sentBytes)} sent`;
  item.append(element('time', '', timeOfDay(closedAt)), why, element('span', '', route), element('span', 'rest', rest));
  return item;
}

function element(name, className, textContent) {
  return Object.assign(document.createElement(name), { className, textContent });
}
