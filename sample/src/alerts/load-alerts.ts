import type { SseMessage } from 'nestjs-event-stream';
import { filter, map, type Observable, scan } from 'rxjs';
import type { MachineSample } from '../machine/machine-sample.js';

export const HIGH_PERCENT = 80;
/** Lower, so that a load that hovers about the threshold does not chatter. */
const NORMAL_PERCENT = 60;

interface Load {
  readonly high: boolean;
  readonly crossed: boolean;
  readonly sample?: MachineSample;
}

/** A message when the CPU load rises above the threshold, and one when it is back to normal. */
export function loadAlerts(samples$: Observable<MachineSample>): Observable<SseMessage> {
  return samples$.pipe(
    scan(
      ({ high: wasHigh }: Load, sample): Load => {
        const high = sample.cpuPercent >= (wasHigh ? NORMAL_PERCENT : HIGH_PERCENT);
        return { high, crossed: high !== wasHigh, sample };
      },
      { high: false, crossed: false },
    ),
    filter(({ crossed }) => crossed),
    map(({ high, sample }) => ({
      event: high ? 'cpu-high' : 'cpu-normal',
      data: { at: sample!.at, cpuPercent: sample!.cpuPercent },
    })),
  );
}
