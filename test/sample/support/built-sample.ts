import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SampleProcess } from './sample-process.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NEEDED = [
  'lib',
  'sample/src',
  'sample/public',
  'sample/tsconfig.json',
  'nest-cli.json',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Package and sample, built as `npm start` builds them, in a copy: the checkout's own `dist` may be in use. */
export class BuiltSample {
  private constructor(
    private readonly directory: string,
    /** Where its processes keep what has to outlive them. */
    readonly temporary: string,
  ) {}

  static async build(): Promise<BuiltSample> {
    const directory = await mkdtemp(join(tmpdir(), 'sse-sample-'));
    try {
      await buildIn(directory);
      return new BuiltSample(directory, await mkdtemp(join(directory, 'temporary-')));
    } catch (error) {
      await rm(directory, { recursive: true });
      throw error;
    }
  }

  /** @param port of the server, or of what is watched */
  run(port: number | string, ...parameters: string[]): SampleProcess {
    return new SampleProcess(['sample/dist/main.js', ...parameters], {
      cwd: this.directory,
      env: { PATH: process.env['PATH'], TMPDIR: this.temporary, PORT: String(port) },
    });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

async function buildIn(directory: string): Promise<void> {
  await Promise.all(NEEDED.map((path) => cp(join(ROOT, path), join(directory, path), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  for (const project of ['sse', 'sample']) {
    const nest = 'node_modules/@nestjs/cli/bin/nest.js';
    await promisify(execFile)(process.execPath, [nest, 'build', project], { cwd: directory });
  }
}
