import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
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
const NUMBERED = readdirSync(join(ROOT, 'sample'))
  .filter((name) => /^\d\d-/.test(name))
  .concat('numbered.mjs', 'tsconfig.numbered.json')
  .map((name) => `sample/${name}`);

/** Package and sample, built as `npm start` builds them, in a copy: the checkout's own `dist` may be in use. */
export class BuiltSample {
  private constructor(
    private readonly directory: string,
    /** Where its processes keep what has to outlive them. */
    readonly temporary: string,
  ) {}

  static build(): Promise<BuiltSample> {
    return BuiltSample.#buildBy(async (directory) => {
      await nestBuild(directory, 'sse');
      await nestBuild(directory, 'sample');
    });
  }

  /** Package and numbered samples, as `npm run sample` builds them. */
  static buildNumbered(): Promise<BuiltSample> {
    return BuiltSample.#buildBy(async (directory) => {
      await nestBuild(directory, 'sse');
      await node(directory, 'node_modules/typescript/bin/tsc', '-p', 'sample/tsconfig.numbered.json');
    });
  }

  static async #buildBy(build: (directory: string) => Promise<void>): Promise<BuiltSample> {
    const directory = await mkdtemp(join(tmpdir(), 'sse-sample-'));
    try {
      await copyInto(directory);
      await build(directory);
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

  /** @param number of a numbered sample; without one it says which there are */
  runNumbered(number?: string, env: NodeJS.ProcessEnv = {}): SampleProcess {
    return new SampleProcess(['sample/numbered.mjs', ...(number === undefined ? [] : [number])], {
      cwd: this.directory,
      env: { PATH: process.env['PATH'], TMPDIR: this.temporary, ...env },
    });
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }
}

async function copyInto(directory: string): Promise<void> {
  const copied = [...NEEDED, ...NUMBERED];
  await Promise.all(copied.map((path) => cp(join(ROOT, path), join(directory, path), { recursive: true })));
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
}

function nestBuild(directory: string, project: string): Promise<void> {
  return node(directory, 'node_modules/@nestjs/cli/bin/nest.js', 'build', project);
}

async function node(directory: string, ...args: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, args, { cwd: directory });
}
