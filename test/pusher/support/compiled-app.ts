import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The library as JavaScript in a directory of its own, for applications that run without Jest. */
export class CompiledApps {
  readonly #children: ChildProcess[] = [];

  private constructor(private readonly directory: string) {}

  static async build(): Promise<CompiledApps> {
    const directory = await mkdtemp(join(tmpdir(), 'sse-pusher-'));
    await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'));
    for (const file of await readdir(join(root, 'lib'), { recursive: true })) {
      if (file.endsWith('.ts') && !file.endsWith('spec.ts')) {
        const target = join(directory, 'lib', file.replace(/\.ts$/, '.js'));
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, await compile(await readFile(join(root, 'lib', file), 'utf8')));
      }
    }
    return new CompiledApps(directory);
  }

  /**
   * Runs a program that imports the library as `./lib/index.js` and writes the port of its server to stdout, as a line of
   * its own.
   */
  async start(name: string, source: string): Promise<RunningApp> {
    const file = join(this.directory, `${name}.js`);
    await writeFile(file, await compile(source));
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    const app = new RunningApp(child);
    await app.untilPort();
    return app;
  }

  async remove(): Promise<void> {
    for (const child of this.#children) {
      child.kill('SIGKILL');
    }
    await rm(this.directory, { recursive: true });
  }
}

/** An application in a process of its own. */
export class RunningApp {
  output = '';
  readonly #exited: Promise<unknown[]>;

  constructor(readonly child: ChildProcess) {
    this.#exited = once(child, 'close');
    for (const pipe of [child.stdout, child.stderr]) {
      pipe?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  get port(): number {
    return Number(/^(\d+)$/m.exec(this.output)?.[1]);
  }

  async untilPort(): Promise<void> {
    await this.untilOutput(/^\d+$/m);
  }

  /** Resolves when it has written what matches. */
  async untilOutput(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      const exited = await Promise.race([
        this.#exited,
        once(this.child.stdout!, 'data'),
        once(this.child.stderr!, 'data'),
      ]);
      if (this.child.exitCode !== null && !pattern.test(this.output)) {
        throw new Error(`The program ended with ${exited}: ${this.output}`);
      }
    }
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Resolves with its exit code when it has ended by itself, or by a signal. */
  async untilExit(): Promise<number | NodeJS.Signals> {
    const [code, signal] = await this.#exited;
    return (code ?? signal) as number | NodeJS.Signals;
  }
}

async function compile(source: string): Promise<string> {
  const { code } = await transform(source, {
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
  });
  return code;
}
