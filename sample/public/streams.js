import { showClosed } from './closed-list.js';
import { EventFeed } from './event-feed.js';
import { PhaseLine } from './phase-line.js';
import { post } from './post.js';
import { StreamTable } from './stream-table.js';

const byId = (id) => document.getElementById(id);
const sum = (counts) => Object.values(counts).reduce((total, count) => total + count, 0);

const line = new PhaseLine(byId('state'));
const table = new StreamTable(byId('streams'), close);
const feed = new EventFeed(
  'admin/sse/live',
  {},
  {
    onPhase: (phase) => line.enter(phase),
    events: {
      begin: ({ data }) => table.begin(JSON.parse(data).now),
      streams({ data }) {
        const { now, streams } = JSON.parse(data);
        table.put(streams, now);
      },
      gone: ({ data }) => table.remove(JSON.parse(data).ids),
      summary({ data }) {
        const { open, closed } = JSON.parse(data);
        byId('open').textContent = open;
        byId('ended').textContent = sum(closed);
        void showClosed(byId('closed'));
      },
    },
  },
);
// While nothing changes, time goes on all the same.
setInterval(() => table.draw(), 1000);

const spare = { letGo: () => feed.letGo(), goOn: () => feed.goOn() };

function tell(kind, text) {
  byId('news').dataset.kind = kind;
  byId('news').textContent = text;
}

async function close(id, route) {
  try {
    const response = await post('admin/sse/close', { id }, spare);
    const { closed } = await response.json();
    tell('resumed', closed > 0 ? `Closed stream ${id} of ${route}: its client comes back.` : `Stream ${id} was gone.`);
  } catch {
    tell('gap', `Stream ${id} was not closed: the server did not answer.`);
  }
}

/** A response that nobody reads: what the browser has no room for stays with the server. */
let stalled;
byId('stall').addEventListener('click', () => {
  stalled?.abort();
  stalled = stalled ? undefined : new AbortController();
  byId('stall').setAttribute('aria-pressed', String(stalled !== undefined));
  byId('stall').textContent = stalled ? 'Leave it' : 'Open one that does not read';
  if (!stalled) return;
  tell(
    'none',
    'Its bar grows when the connection holds no more. After 30 seconds without a byte taken, it is cut off.',
  );
  // Whoever keeps the response keeps it from being thrown away, and its connection from being closed.
  stalled.response = fetch('firehose', { signal: stalled.signal }).catch(() => {});
});
