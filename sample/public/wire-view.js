import { timeOfDay } from './format.js';
import { onRoomWanted } from './room.js';
import { Turn } from './turn.js';
import { readFrames } from './wire-reader.js';

const FRAMES_SHOWN = 80;
const encoder = new TextEncoder();

/** How long those who ask for room are left alone with it. */
const ROOM_MS = 10_000;
const PATIENCE_MS = 3000;

/**
 * Shows what comes over the wire, each stream in its own list. A browser opens six connections to a server and no more, for
 * all its tabs together: so they are let go while nobody looks, while another tab shows them, and for whoever needs them
 * more.
 */
export function showWire(lists, pauseButton) {
  let reading;
  let paused = false;
  let onScreen = false;
  let givingRoom;

  const tellAll = (text) => {
    for (const list of lists) show(list, { kind: 'note', text });
  };
  const looking = () => !paused && onScreen && document.visibilityState === 'visible';

  const update = (why = 'let go') => {
    const wanted = looking() && turn.isMine && !givingRoom;
    if (wanted && !reading) {
      reading = new AbortController();
      for (const list of lists) read(list, reading.signal);
    } else if (!wanted && reading) {
      reading.abort();
      reading = undefined;
      tellAll(why);
    }
  };
  const turn = new Turn('frames', () => update('let go: another tab shows the frames now'));

  const look = () => {
    if (looking()) turn.take();
    update('let go while nobody looks');
  };

  const read = async (list, signal) => {
    const onFrame = (frame) => show(list, { kind: kindOf(frame), text: frame });
    const waiting = setTimeout(() => onNote('waiting for a connection: other tabs may hold all six'), PATIENCE_MS);
    const onNote = (note) => {
      clearTimeout(waiting);
      show(list, { kind: 'note', text: note });
    };
    await readFrames(list.dataset.stream, { onFrame, onNote }, signal);
    clearTimeout(waiting);
  };

  pauseButton.addEventListener('click', () => {
    paused = !paused;
    pauseButton.setAttribute('aria-pressed', String(paused));
    pauseButton.textContent = paused ? 'Go on' : 'Pause';
    look();
  });
  onRoomWanted(() => {
    clearTimeout(givingRoom);
    givingRoom = setTimeout(() => {
      givingRoom = undefined;
      update();
    }, ROOM_MS);
    update('let go for ten seconds: a tab needs a connection');
  });
  new IntersectionObserver(([entry]) => {
    onScreen = entry.isIntersecting;
    look();
  }).observe(lists[0].closest('.streams'));
  document.addEventListener('visibilitychange', look);
  addEventListener('focus', look);
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
