import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Nobody but the owner: a cursor may tell what somebody has read. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** What systems and file systems answer that cannot sync a directory: Windows, and some that are mounted from elsewhere. */
const CANNOT_SYNC = new Set(['EPERM', 'EISDIR', 'EINVAL', 'ENOTSUP']);

/** Makes a directory, and those that it is in, so that none of them is lost with the power. */
export async function makeDirectory(directory: string): Promise<void> {
  const topmost = await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
  if (topmost === undefined) return;
  const above = dirname(topmost);
  for (let made = directory; made !== above; made = dirname(made)) await syncDirectory(dirname(made));
}

/**
 * Replaces a file's content. Whoever reads it, after a crash at any instant too, finds all of the old content or all of the
 * new, and the new once the promise has resolved.
 *
 * @param path a crash may leave another file beside it: {@link temporaryName}
 */
export async function replaceContent(path: string, content: string): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await writeSynced(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** For what becomes `path` when it is complete: `<path>.<something>.tmp`. */
export function temporaryName(path: string): string {
  return `${path}.${randomUUID()}.tmp`;
}

/** Writes a new file to the disk itself; its name is safe only when the directory is synced as well. */
export async function writeSynced(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes what was made, renamed and removed in a directory safe, where that can be done. */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (error) {
    if (!CANNOT_SYNC.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  return (await ifThere(stat(path))) !== undefined;
}

/** What was done with a file, or nothing when there is no such file. */
export async function ifThere<T>(done: Promise<T>): Promise<T | undefined> {
  try {
    return await done;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
