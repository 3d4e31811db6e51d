import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.js';

/** A folder into which somebody installed the package, beside one major version of Nest. */
export class Consumer {
  private constructor(readonly folder: string) {}

  static async install(folder: string, dependencies: Record<string, string>): Promise<Consumer> {
    await mkdir(folder, { recursive: true });
    await writeJson(join(folder, 'package.json'), { private: true, dependencies });
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], folder);
    return new Consumer(folder);
  }

  /** An application in a folder of its own; it shares what the consumer installed. */
  async app(name: string, files: AppFiles): Promise<string> {
    const folder = join(this.folder, name);
    await mkdir(join(folder, 'src'), { recursive: true });
    await writeJson(join(folder, 'package.json'), files.packageJson);
    await writeJson(join(folder, 'tsconfig.json'), { compilerOptions: files.compilerOptions, include: ['src'] });
    for (const [target, source] of Object.entries(files.sources)) await cp(source, join(folder, 'src', target));
    return folder;
  }

  /** Runs the script of an installed tool with this Node: no shell, no PATH. */
  tool(script: string, args: readonly string[], cwd: string): Promise<string> {
    return run(process.execPath, [join(this.folder, 'node_modules', script), ...args], cwd);
  }
}

export interface AppFiles {
  packageJson: object;
  compilerOptions: object;
  /** file name in `src` → the file to copy there */
  sources: Record<string, string>;
}

async function writeJson(path: string, content: object): Promise<void> {
  await writeFile(path, JSON.stringify(content, undefined, 2));
}
