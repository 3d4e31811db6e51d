/** What may be asked of a response that others write to. */
const READERS: ReadonlySet<PropertyKey> = new Set([
  'get',
  'getHeader',
  'getHeaders',
  'getHeaderNames',
  'getRawHeaderNames',
  'hasHeader',
  'listenerCount',
  'listeners',
]);

/** Ways around it. */
const HIDDEN: ReadonlySet<PropertyKey> = new Set(['socket', 'connection', 'stream', 'then']);

/**
 * The response of an open stream as guards see it: what is read of it is true, it says that it was sent, and what is done to it
 * does nothing. It does not throw either: a guard that sets a header, or redirects before it says no, is not broken.
 */
export function quietResponse(response: object): object {
  const quiet: object = new Proxy(response, {
    get(target, name) {
      if (HIDDEN.has(name)) {
        return undefined;
      }
      if (name === 'headersSent' || name === 'sent') {
        return true;
      }
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'raw' && typeof value === 'object' && value !== null) {
        return quietResponse(value);
      }
      if (typeof value !== 'function') {
        return value;
      }
      return READERS.has(name) ? value.bind(target) : () => quiet;
    },
    set: () => true,
  });
  return quiet;
}
