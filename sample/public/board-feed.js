import { EventFeed } from './event-feed.js';

/**
 * Follows the notice board, and tells apart what was up before this connection from what is new. The server begins with
 * the time of its newest notice, and its times grow from notice to notice: no clock of ours has a say in it.
 *
 * @param {object} options
 * @param {string} options.viewer name of this tab's connection
 * @param {object} handlers
 * @param {(phase: 'connecting' | 'open' | 'reconnecting' | 'paused') => void} handlers.onPhase
 * @param {(opened: { resumed: boolean }) => void} handlers.onOpened
 * @param {(notice: { text: string, at: number, kind: 'new' | 'earlier' | 'replayed' }) => void} handlers.onNotice
 *   `earlier`: before the first connect; `replayed`: missed while there was no connection
 * @param {(gap: { reason: string }) => void} handlers.onGap
 * @param {(servedBy: string) => void} handlers.onServed by which instance, at each connect
 * @param {(id: string) => void} handlers.onPosition where the stream stands now
 */
export function followBoard({ viewer }, { onPhase, onServed, onOpened, onNotice, onGap, onPosition }) {
  let opened = { resumed: false, newestAt: 0 };
  const kindOf = ({ at }) => {
    if (at > opened.newestAt) return 'new';
    return opened.resumed ? 'replayed' : 'earlier';
  };
  const on = (handle) => (message) => {
    onPosition(message.lastEventId);
    handle(JSON.parse(message.data));
  };
  const events = {
    served: ({ data }) => onServed(JSON.parse(data).by),
    opened({ data }) {
      opened = JSON.parse(data);
      onOpened(opened);
    },
    position: ({ lastEventId }) => onPosition(lastEventId),
    notice: on((notice) => onNotice({ ...notice, kind: kindOf(notice) })),
    gap: on(onGap),
  };
  return new EventFeed('notices', { viewer }, { onPhase, events });
}
