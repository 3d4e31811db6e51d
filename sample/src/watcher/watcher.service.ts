import { Injectable } from '@nestjs/common';
import { type ReceivedMessage, SseReceiverService } from 'nestjs-event-stream';
import { filter, map } from 'rxjs';
import type { MachineSample } from '../machine/machine-sample.js';
import { describeMessage, describeSamples, describeState } from './describe.js';
import { inGroups } from './in-groups.js';

const LINE_EVERY_MS = 10_000;

/** Follows a machine's stream from outside, over HTTP, and tells what it sees in few lines. */
@Injectable()
export class WatcherService {
  constructor(private readonly receiver: SseReceiverService) {}

  /** @param url of the stream; what comes is followed until the application ends */
  watch(url: string): void {
    const subscription = this.receiver.subscribe(url);
    subscription.state$.pipe(filter(({ phase }) => phase !== 'idle')).subscribe((state) => print(describeState(state)));

    // A final failure is told by state$, which never errors.
    const error = () => {};
    subscription.messages$.pipe(filter(isNews), map(describeMessage)).subscribe({ next: print, error });
    subscription.messages$
      .pipe(
        filter(({ event }) => event === 'sample'),
        map((message) => message.json<MachineSample>()),
        inGroups(LINE_EVERY_MS),
        map(describeSamples),
      )
      .subscribe({ next: print, error });
  }
}

function isNews({ event }: ReceivedMessage): boolean {
  return event === 'resumed' || event === 'gap';
}

function print(line: string): void {
  console.log(`${new Date().toLocaleTimeString('en-GB')}  watcher  ${line}`);
}
