import { EventFeed } from './event-feed.js';

/**
 * Follows the machine.
 *
 * @param {object} options
 * @param {string} options.viewer name of this page's connection
 * @param {number} options.replay samples to begin with
 * @param {object} handlers
 * @param {(phase: 'connecting' | 'open' | 'reconnecting' | 'paused') => void} handlers.onPhase
 * @param {(servedBy: string) => void} handlers.onServed by which instance, at each connect
 * @param {(sample: object) => void} handlers.onSample
 * @param {(resumed: { since: string, count: number }) => void} handlers.onResumed
 * @param {(gap: { lastEventId: string, reason: string, count: number }) => void} handlers.onGap
 */
export function followMachine({ viewer, replay }, { onPhase, onServed, onSample, onResumed, onGap }) {
  const query = { viewer, replay: String(replay) };
  return new EventFeed('machine', query, {
    onPhase,
    events: {
      served: ({ data }) => onServed(JSON.parse(data).by),
      sample: ({ data, lastEventId }) => onSample({ ...JSON.parse(data), id: Number(lastEventId) }),
      resumed: ({ data }) => onResumed(JSON.parse(data)),
      gap: ({ data, lastEventId }) => onGap({ ...JSON.parse(data), floorId: Number(lastEventId) }),
    },
  });
}
