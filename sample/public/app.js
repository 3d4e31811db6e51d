import { Chart } from './chart.js';
import { ConnectionView } from './connection-view.js';
import { gibibytes } from './format.js';
import { followMachine } from './machine-feed.js';
import { showBoard } from './notice-board.js';
import { enableNoticeForm } from './notice-form.js';
import { post } from './post.js';
import { SampleLog } from './sample-log.js';
import { showWire } from './wire-view.js';

const SPAN_MS = 120_000;
const percent = (value) => `${Math.round(value)}\u00a0%`;
const milliseconds = (value) => `${value < 10 ? value.toFixed(1) : Math.round(value)}\u00a0ms`;
const usedPercent = ({ memory }) => (100 * memory.usedBytes) / memory.totalBytes;
/** 10, 20, 50, 100, 200, ... */
const roundUp = (value) => {
  const power = 10 ** Math.max(Math.floor(Math.log10(Math.max(value, 10))), 1);
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
};

const log = new SampleLog(SPAN_MS);
const connection = new ConnectionView();
const charts = [
  new Chart(document.getElementById('cpu'), {
    spanMs: SPAN_MS,
    value: ({ cpuPercent }) => cpuPercent,
    top: () => 100,
    format: percent,
    detail: ({ load }) => `load average ${load.map((value) => value.toFixed(2)).join(' · ')}`,
  }),
  new Chart(document.getElementById('memory'), {
    spanMs: SPAN_MS,
    value: usedPercent,
    top: () => 100,
    format: percent,
    detail: ({ memory }) => `${gibibytes(memory.usedBytes)} of ${gibibytes(memory.totalBytes)} GiB used`,
  }),
  new Chart(document.getElementById('loop-delay'), {
    spanMs: SPAN_MS,
    value: ({ loopDelayMs }) => loopDelayMs.max,
    top: roundUp,
    format: milliseconds,
    detail: ({ loopDelayMs }) => `worst of the second · mean ${milliseconds(loopDelayMs.mean)}`,
  }),
];

/** How far the server's clock is behind ours. */
let clockOffsetMs = 0;
let drawing = false;

function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    for (const chart of charts) chart.draw(log.samples, Date.now() - clockOffsetMs);
    if (log.newest) connection.count(log);
  });
}

// Not crypto.randomUUID(), which a page that came over plain HTTP from another machine does not have.
const viewer = [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16).padStart(8, '0')).join('');

const machine = followMachine(
  { viewer, replay: SPAN_MS / 1000 },
  {
    onPhase: (phase) => connection.enter(phase),
    onServed: (by) => connection.servedBy(by),
    onResumed(resumed) {
      log.expectReplay(resumed.count);
      connection.resumed(resumed);
    },
    onGap(gap) {
      log.continueFrom(gap.floorId);
      log.expectReplay(gap.count);
      connection.gap(gap);
    },
    onSample(sample) {
      log.add(sample);
      clockOffsetMs = Date.now() - sample.at;
      draw();
    },
  },
);
// While nothing comes, time goes on all the same.
setInterval(draw, 1000);

// A browser opens six connections to a server, over all its tabs: nobody looks at the charts of a hidden one.
const holdWhileVisible = () => (document.visibilityState === 'visible' ? machine.goOn() : machine.letGo());
document.addEventListener('visibilitychange', holdWhileVisible);
holdWhileVisible();
const spare = { letGo: () => machine.letGo(), goOn: holdWhileVisible };
const postHere = (path, body) => post(path, body, spare);

showBoard(viewer, postHere);
enableNoticeForm(document.getElementById('post-notice'), document.getElementById('post-result'), postHere);
showWire(document.querySelectorAll('#frames ol'), document.getElementById('pause'));

document.getElementById('cut').addEventListener('click', () => {
  // Should it fail, there is no connection to cut.
  postHere(`machine/cut/${viewer}`).catch(() => {});
});
document.getElementById('curl').textContent = ['machine', 'notices', 'alerts']
  .map((stream) => `curl -N ${new URL(stream, location.href)}`)
  .join('\n');
