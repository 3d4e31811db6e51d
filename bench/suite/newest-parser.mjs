import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The eventsource-parser that `eventsource` brings: the newest one, while the package itself has an older one for its tests. */
export function newestParser() {
  return pathToFileURL(createRequire(import.meta.resolve('eventsource')).resolve('eventsource-parser')).href;
}
