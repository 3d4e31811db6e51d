import { cp, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { run } from './run.js';

const notCopied = new Set(['node_modules', '.git', 'dist', 'coverage']);

/**
 * Builds and packs the package in a copy of the checkout, so that tests which run at the same time never see a `dist`
 * that comes and goes.
 *
 * @returns the path of the tarball
 */
export async function packInto(folder: string, checkout: string): Promise<string> {
  const copy = join(folder, 'checkout');
  await cp(checkout, copy, { recursive: true, filter: (path) => !notCopied.has(basename(path)) });
  await symlink(join(checkout, 'node_modules'), join(copy, 'node_modules'), 'junction');
  const output = await run('npm', ['pack', '--pack-destination', folder], copy);
  const tarball = output.match(/^\S+\.tgz$/m)?.[0];
  if (tarball === undefined) throw new Error(`npm pack named no tarball:\n${output}`);
  return join(folder, tarball);
}

/** The paths in a tarball of npm, without the folder that npm puts around them. */
export async function listTarball(tarball: string): Promise<string[]> {
  const output = await run('tar', ['-tzf', tarball], dirname(tarball));
  return output
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
}
