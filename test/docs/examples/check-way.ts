import { detectBuffering } from 'nestjs-event-stream/protocol';

/** For a smoke test after each deployment, from where your users are. */
export async function checkWay(origin: string): Promise<void> {
  if ((await detectBuffering(`${origin}/health/buffering`)) === 'buffered') {
    throw new Error(`Something between here and ${origin} holds events back`);
  }
}
