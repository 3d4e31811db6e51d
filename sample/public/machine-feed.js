/**
 * Follows the machine with an EventSource, which reconnects by itself and then sends the last id that it has seen. It
 * gives up for good only when something that is no event stream answers, such as a proxy's error page; then we ask again.
 */

const ASK_AGAIN_MS = 3000;

/**
 * @param {object} options
 * @param {string} options.viewer name of this page's connection
 * @param {number} options.replay samples to begin with
 * @param {object} handlers
 * @param {(phase: 'connecting' | 'open' | 'reconnecting') => void} handlers.onPhase
 * @param {(sample: object) => void} handlers.onSample
 * @param {(resumed: { since: string, count: number }) => void} handlers.onResumed
 * @param {(gap: { lastEventId: string, reason: string, count: number }) => void} handlers.onGap
 */
export function followMachine({ viewer, replay }, { onPhase, onSample, onResumed, onGap }) {
  let lastEventId = '';
  let wasOpen = false;

  const listen = () => {
    const query = new URLSearchParams({ viewer, replay: String(replay) });
    // A new EventSource knows no last id, and cannot be told one but by its URL.
    if (lastEventId) query.set('lastEventId', lastEventId);
    const source = new EventSource(`machine?${query}`);
    const on = (event, handle) =>
      source.addEventListener(event, (message) => {
        lastEventId = message.lastEventId;
        handle(JSON.parse(message.data), message.lastEventId);
      });

    source.addEventListener('open', () => {
      wasOpen = true;
      onPhase('open');
    });
    source.addEventListener('error', () => {
      onPhase(wasOpen ? 'reconnecting' : 'connecting');
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, ASK_AGAIN_MS);
    });
    on('sample', (data, id) => onSample({ ...data, id: Number(id) }));
    on('resumed', onResumed);
    on('gap', (gap, id) => onGap({ ...gap, floorId: Number(id) }));
  };

  onPhase('connecting');
  listen();
}
