import { relative } from 'node:path';
import { HIGH_PERCENT } from './alerts/load-alerts.js';

/** Tells what there is to see, and where. */
export function announce(url: string): void {
  console.log(`
This machine, live:  ${url}   (Ctrl+C ends it)
Its open streams:    ${url}/streams.html

The streams as they are, in another terminal:
  curl -N ${url}/machine   # a sample each second
  curl -N ${url}/notices   # the notice board: what anybody posts, all get
  curl -N ${url}/alerts    # quiet: pings, and a message when the CPU load crosses ${HIGH_PERCENT} %
To post a notice:
  curl ${url}/notices -H 'content-type: application/json' -d '{"text":"Hello"}'
A receiver of its own, which lives through restarts of this one:
  node ${relative(process.cwd(), process.argv[1] ?? '')} watch ${url}/machine
`);
}
