import type { SseReceiverOptions } from './receiver-options.js';

/** Asks the caller whether a URL may be requested; anything but a plain yes is a no. */
export async function isAllowed(url: URL, allow: SseReceiverOptions['allow']): Promise<boolean> {
  return allow === undefined || (await allow(new URL(url))) === true;
}
