import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** So that programs can import it by its name, too. */
const PACKAGE = {
  name: 'nestjs-event-stream',
  type: 'module',
  exports: { '.': './lib/index.js', './*': './lib/*/index.js' },
};

/** The library as JavaScript in a directory of its own, for applications that run without Jest. */
export class CompiledApps {
  readonly #children: ChildProcess[] = [];

  private constructor(private readonly directory: string) {}

  static async build(): Promise<CompiledApps> {
    const directory = await mkdtemp(join(tmpdir(), 'sse-pusher-'));
    await writeFile(join(directory, 'package.json'), JSON.stringify(PACKAGE));
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
    await this.add(name, source);
    const app = this.run(name);
    await app.untilPort();
    return app;
  }

  /** One more file, which others may import as `./<name>.js`. */
  async add(name: string, source: string): Promise<void> {
    await writeFile(join(this.directory, `${name}.js`), await compile(source));
  }

  /** Runs one of the files, with more in its environment. */
  run(name: string, env: NodeJS.ProcessEnv = {}): RunningApp {
    const options = { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] as StdioOptions };
    const child = spawn(process.execPath, [join(this.directory, `${name}.js`)], options);
    this.#children.push(child);
    return new RunningApp(child);
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
