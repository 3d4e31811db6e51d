import { followBoard } from './board-feed.js';
import { Countdown } from './countdown.js';
import { duration } from './format.js';
import { NoticeList } from './notice-list.js';
import { PhaseLine } from './phase-line.js';

const byId = (id) => document.getElementById(id);

const GAPS = {
  expired: 'the board keeps them no longer',
  foreign: 'the server was started anew, and with it the board',
  future: 'the server does not know yet what this tab has seen',
  malformed: 'the server cannot read what this tab has sent as its last event id',
  restarted: 'the server has lost its newest notices',
};

/**
 * @param {string} viewer name of this tab's connection
 * @param {(path: string, body?: object) => Promise<Response>} post
 */
export function showBoard(viewer, post) {
  const list = new NoticeList(byId('notices'));
  const line = new PhaseLine(byId('board-state'));
  const cut = byId('cut-board');
  let away = '';
  let replayed = 0;

  const tell = (kind, text) => {
    byId('board-news').dataset.kind = kind;
    byId('board-news').textContent = text;
  };
  const allowCut = () => {
    cut.disabled = line.phase !== 'open' || countdown.running;
  };
  const showCut = (secondsLeft) => {
    const waiting = line.phase === 'open' ? '' : 'any moment now';
    byId('cut-left').textContent = secondsLeft > 0 ? `${secondsLeft} s left` : waiting;
    allowCut();
  };
  const countdown = new Countdown(showCut);

  followBoard(
    { viewer },
    {
      onPhase(phase) {
        if (!line.enter(phase)) return;
        allowCut();
        if (phase === 'reconnecting') tell('lost', 'Connection lost. What is posted meanwhile comes later.');
        if (phase === 'open' && !countdown.running) showCut(0);
      },
      onServed(by) {
        byId('board-served-by').textContent = by;
      },
      onOpened({ resumed }) {
        replayed = 0;
        away = line.awayMs === undefined ? 'Back' : `Back after ${duration(line.awayMs)}`;
        if (resumed) tell('resumed', `${away}.`);
      },
      onNotice(notice) {
        list.add(notice);
        if (notice.kind !== 'replayed') return;
        replayed++;
        tell('resumed', `${away}: ${replayed} missed ${replayed === 1 ? 'notice' : 'notices'} replayed.`);
      },
      onGap({ reason }) {
        const text = `Notices may be missing here (${reason}): ${GAPS[reason] ?? 'the server did not say more'}.`;
        list.remark(text);
        tell('gap', text);
      },
      onPosition(id) {
        byId('board-last-event-id').textContent = id;
      },
    },
  );

  cut.addEventListener('click', async () => {
    cut.disabled = true;
    try {
      const response = await post(`notices/cut/${viewer}`);
      if (response.ok) countdown.start((await response.json()).forMs);
    } catch {
      // Then there is no connection to cut.
    }
    allowCut();
  });
}
