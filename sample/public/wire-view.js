import { timeOfDay } from './format.js';
import { readFrames } from './wire-reader.js';

const FRAMES_SHOWN = 80;
const encoder = new TextEncoder();

/**
 * Shows what comes over the wire, each stream in its own list. A browser opens six connections to a server and no more, for all its tabs together: so
 * they are let go while nobody looks.
 */
export function showWire(lists, pauseButton) {
  let reading;
  let paused = false;

  const update = () => {
    const wanted = !paused && document.visibilityState === 'visible';
    if (wanted && !reading) {
      reading = new AbortController();
      for (const list of lists) read(list, reading.signal);
    } else if (!wanted && reading) {
      reading.abort();
      reading = undefined;
    }
  };

  const read = (list, signal) => {
    const onFrame = (frame) => show(list, { kind: kindOf(frame), text: frame });
    const onNote = (note) => show(list, { kind: 'note', text: note });
    return readFrames(list.dataset.stream, { onFrame, onNote }, signal);
  };

  pauseButton.addEventListener('click', () => {
    paused = !paused;
    pauseButton.setAttribute('aria-pressed', String(paused));
    pauseButton.textContent = paused ? 'Go on' : 'Pause';
    update();
  });
  document.addEventListener('visibilitychange', update);
  update();
}

/** A frame of nothing but comments is a ping; one with data is an event that clients dispatch. */
function kindOf(frame) {
  const lines = frame.trimEnd().split(/\r\n|\n|\r/);
  if (lines.every((line) => line.startsWith(':'))) return 'ping';
  return lines.some((line) => line.startsWith('data')) ? 'event' : 'other';
}

function show(list, { kind, text }) {
  const item = document.createElement('li');
  item.dataset.kind = kind;
  const head = element('p', 'frame-head');
  head.append(element('span', 'kind', kind), element('time', '', timeOfDay(Date.now())));
  if (kind !== 'note') head.append(element('span', 'size', `${encoder.encode(text).length} bytes`));
  item.append(head, kind === 'note' ? element('p', 'frame-text', text) : frameText(text));
  list.prepend(item);
  while (list.children.length > FRAMES_SHOWN) list.lastElementChild.remove();
}

/** The text as it is, its line ends made visible by the style sheet. */
function frameText(text) {
  const pre = element('pre', 'frame-text');
  pre.append(...text.split(/(\r\n|\n|\r)/).map((part, n) => (n % 2 ? element('span', 'line-end', part) : part)));
  return pre;
}

function element(name, className, textContent = '') {
  return Object.assign(document.createElement(name), { className, textContent });
}
