/**
 * A browser opens six connections to a server and no more, over all its tabs together, and a stream holds one for as long
 * as it lives. Whoever waits for one in vain asks all tabs for room; what can be done without is let go then.
 */

const ROOM = 'nestjs-event-stream sample: room';
const asking = new BroadcastChannel(ROOM);
const listening = new BroadcastChannel(ROOM);

export function askForRoom() {
  asking.postMessage('please');
}

/** Tells of those who ask in any tab, this one among them. */
export function onRoomWanted(listener) {
  listening.addEventListener('message', listener);
}
