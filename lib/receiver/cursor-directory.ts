import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from './cursor.error.js';
import { exists, ifThere, replaceContent } from './durable-file.js';
import { formatCursor, parseCursor, type SavedCursor } from './saved-cursor.js';
import { clearHalfMade, makeSourceDirectory, sourceDirectory } from './source-directory.js';

/** The right to a fence, what was saved under it, and what a crash has left of a save. */
const FILE = /^(0|[1-9]\d{0,14})\.(claim|json|json\.[\w-]+\.tmp)$/;

/** What is there may be missed when it changes just then, but not again and again. */
const MAX_MISSES = 100;

interface CursorFile {
  readonly name: string;
  readonly fence: number;
  readonly isClaim: boolean;
}

/**
 * The files of one source. `<fence>.claim` exists once: who renames it to the next fence has taken the source over. Under
 * each fence there is a file `<fence>.json`, which only its holder writes, until a holder of a higher one has taken over
 * what was in it.
 */
export class CursorDirectory {
  private readonly path: string;

  constructor(
    directory: string,
    private readonly source: string,
  ) {
    this.path = sourceDirectory(directory, source);
  }

  make(): Promise<void> {
    return makeSourceDirectory(this.path, { '0.claim': '', '0.json': formatCursor(this.source, {}) });
  }

  /** Takes the source over. @returns the fence, which nobody else gets */
  async claim(): Promise<number> {
    for (let misses = 0; misses < MAX_MISSES; misses++) {
      const held = await this.fenceInForce();
      if (held === undefined) continue;
      if (await this.moveClaim(held, held + 1)) return held + 1;
      // Somebody else got on: that is no reason to give up.
      misses = 0;
    }
    throw this.gone();
  }

  /**
   * Whether a fence is the one that was given out last.
   *
   * @throws SseCursorError `unreadable` when there is none
   */
  async isInForce(fence: number): Promise<boolean> {
    if (await exists(this.claimOf(fence))) return true;
    for (let misses = 0; misses < MAX_MISSES; misses++) {
      if ((await ifThere(this.fenceInForce())) !== undefined) return false;
    }
    throw this.gone();
  }

  /**
   * What was saved last, for who has claimed the source.
   *
   * @throws SseCursorError `unreadable`
   */
  async latest(): Promise<SavedCursor> {
    for (let misses = 0; misses < MAX_MISSES; misses++) {
      for (const fence of await this.savedFences()) {
        const bytes = await ifThere(readFile(this.contentOf(fence)));
        if (bytes) return this.parse(bytes, fence);
      }
      // Who has cleared it all away has saved it, before that, under a fence that is higher.
    }
    throw this.gone();
  }

  /** @returns whether the fence is in force still; if not, it does not matter what became of the file */
  async write(fence: number, cursor: SavedCursor): Promise<boolean> {
    const writing = replaceContent(this.contentOf(fence), formatCursor(this.source, cursor));
    await writing.catch(() => {});
    // Only now: who has taken over before the file was replaced may have read the old content.
    const inForce = await this.isInForce(fence);
    if (inForce) await writing;
    return inForce;
  }

  /** Removes what nobody reads any more once something is written under this fence. */
  async clearBelow(fence: number): Promise<void> {
    const old = (await this.files()).filter((file) => file.fence < fence);
    await Promise.all(old.map(({ name }) => rm(join(this.path, name), { force: true })));
    await clearHalfMade(this.path);
  }

  private async moveClaim(from: number, to: number): Promise<boolean> {
    return (await ifThere(rename(this.claimOf(from), this.claimOf(to)).then(() => true))) === true;
  }

  private async fenceInForce(): Promise<number | undefined> {
    // There is one, unless somebody has copied an older one back.
    const claims = (await this.files()).filter(({ isClaim }) => isClaim).map(({ fence }) => fence);
    return claims.length === 0 ? undefined : Math.max(...claims);
  }

  /** The highest one first. */
  private async savedFences(): Promise<number[]> {
    // Some file systems leave a file out of a list that is replaced meanwhile. Who was before us may replace one once.
    const listed = [...(await this.files()), ...(await this.files())];
    const fences = new Set(listed.filter(({ name }) => name.endsWith('.json')).map(({ fence }) => fence));
    return [...fences].sort((a, b) => b - a);
  }

  private async files(): Promise<CursorFile[]> {
    return (await readdir(this.path)).flatMap((name) => {
      const [, fence, kind] = FILE.exec(name) ?? [];
      return fence === undefined ? [] : [{ name, fence: Number(fence), isClaim: kind === 'claim' }];
    });
  }

  private parse(bytes: Uint8Array, fence: number): SavedCursor {
    try {
      return parseCursor(bytes, this.source);
    } catch (cause) {
      throw unreadable(this.source, this.contentOf(fence), cause);
    }
  }

  private gone(): Error {
    return unreadable(this.source, this.path, new Error('What was there is gone'));
  }

  private contentOf(fence: number): string {
    return join(this.path, `${fence}.json`);
  }

  private claimOf(fence: number): string {
    return join(this.path, `${fence}.claim`);
  }
}
