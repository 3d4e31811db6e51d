import { createHash } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exists, makeDirectory, syncDirectory, temporaryName, writeSynced } from './durable-file.js';

/** Where the files of a source are: a name of its own for any text, and safe to use in a path. */
export function sourceDirectory(directory: string, source: string): string {
  // UTF-8 would make one and the same character of all lone surrogates.
  return join(directory, createHash('sha256').update(source, 'utf16le').digest('hex'));
}

/**
 * Makes the directory of a source unless it is there, with its first files in it: there is no instant at which somebody
 * could see it without them.
 *
 * @param files names and content
 */
export async function makeSourceDirectory(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  if (!(await exists(path))) {
    await makeDirectory(dirname(path));
    await makeFilled(path, files);
  }
  // By whoever needs it: who has made it may have died before.
  await syncDirectory(dirname(path));
}

/** Removes what those have left who died while they made it. */
export async function clearHalfMade(path: string): Promise<void> {
  const isHalfMade = (name: string) => name.startsWith(`${basename(path)}.`) && name.endsWith('.tmp');
  const names = (await readdir(dirname(path))).filter(isHalfMade);
  await Promise.all(names.map((name) => rm(join(dirname(path), name), { recursive: true, force: true })));
}

async function makeFilled(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await makeDirectory(temporary);
    for (const [name, content] of Object.entries(files)) await writeSynced(join(temporary, name), content);
    await syncDirectory(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
    // Somebody else was faster, and may have cleared ours away.
    if (!(await exists(path))) throw error;
  }
}
