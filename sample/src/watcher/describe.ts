import type { ReceivedMessage, SseConnectionOutcome, SseConnectionState } from 'nestjs-event-stream';
import type { MachineSample } from '../machine/machine-sample.js';

type WatchedSample = Omit<MachineSample, 'id'>;

/** Samples in one line: averages, and what stands out. */
export function describeSamples(samples: readonly WatchedSample[]): string {
  const cpu = samples.map(({ cpuPercent }) => cpuPercent);
  const newest = samples.at(-1)!;
  const { usedBytes, totalBytes } = newest.memory;
  return [
    `${samples.length} ${samples.length === 1 ? 'sample' : 'samples'}`,
    `CPU ${average(cpu).toFixed(0)} % (highest ${Math.max(...cpu).toFixed(0)} %)`,
    `memory ${((100 * usedBytes) / totalBytes).toFixed(0)} %`,
    `event loop at most ${Math.max(...samples.map(({ loopDelayMs }) => loopDelayMs.max)).toFixed(1)} ms late`,
    `${newest.openStreams} open ${newest.openStreams === 1 ? 'stream' : 'streams'}`,
  ].join(', ');
}

export function describeState(state: SseConnectionState): string {
  switch (state.phase) {
    case 'open':
      return `open: status ${state.status}`;
    case 'waiting':
      return `lost (${reasonOf(state.outcome)}), trying again in ${(state.delayMs / 1000).toFixed(1)} s`;
    case 'closed':
      return state.error ? `closed: ${state.error.message}` : 'closed';
    default:
      return state.phase;
  }
}

export function describeMessage(message: ReceivedMessage): string {
  if (message.event === 'resumed') {
    const { since, count } = message.json<{ since: string; count: number }>();
    return `resumed: ${count} ${count === 1 ? 'sample' : 'samples'} replayed since id ${since}`;
  }
  const { lastEventId, reason, count } = message.json<{ lastEventId: string; reason: string; count: number }>();
  return `gap: what followed id ${lastEventId} is gone (${reason}), ${count} kept samples replayed`;
}

function reasonOf({ kind, error, status }: SseConnectionOutcome): string {
  return error?.message ?? (status === undefined || status === 200 ? kind : `status ${status}`);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
