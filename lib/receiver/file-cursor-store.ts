import { resolve } from 'node:path';
import { assertOptions, describe } from '../protocol/internal.js';
import { fencedOff } from './cursor.error.js';
import { CursorDirectory } from './cursor-directory.js';
import type { SseCursorStore, SseStoredCursor } from './cursor-store.js';

/**
 * Keeps cursors in files. A saved cursor outlives the process being killed, and the power being lost, at any instant; any
 * number of processes may share the directory: who has loaded a source last may save it. That needs a local file system,
 * or one over a network where a rename is seen by everybody at once (clients of NFS may see the old name for a while).
 *
 * Each source has a directory of its own, to be removed when it is no longer followed. Files and directories are made for
 * their owner alone (modes 0600 and 0700).
 *
 * @example
 * const cursorStore = new FileCursorStore('/var/lib/shop/cursors');
 * const orders = receiver.subscribe('https://example.com/orders', { name: 'orders', cursorStore });
 */
export class FileCursorStore implements SseCursorStore {
  private readonly directory: string;

  /**
   * @param directory made when it is first needed; a relative one starts from where the process is now
   * @throws SseOptionsError for what is no path
   */
  constructor(directory: string) {
    if (typeof directory !== 'string' || directory === '' || directory.includes('\0')) {
      assertOptions([{ option: 'directory', problem: `must be the path of a directory, got ${describe(directory)}` }]);
    }
    this.directory = resolve(directory);
  }

  /**
   * Takes the source over.
   *
   * @throws SseCursorError `unreadable` (as a rejection), naming the file, when what was saved is damaged or gone; it never
   *   begins anew by itself
   */
  async load(source: string): Promise<SseStoredCursor> {
    const files = new CursorDirectory(this.directory, source);
    await files.make();
    // First, so that whoever saves after the cursor was read is refused.
    const fence = await files.claim();
    const saved = await files.latest();
    // What cannot be removed now is removed by whoever loads next.
    if (await files.write(fence, saved)) await files.clearBelow(fence).catch(() => {});
    return { ...saved, fence };
  }

  async save(source: string, lastEventId: string, fence: number): Promise<void> {
    const files = new CursorDirectory(this.directory, source);
    const saved = (await files.isInForce(fence)) && (await files.write(fence, { lastEventId }));
    if (!saved) throw fencedOff(source);
  }
}
