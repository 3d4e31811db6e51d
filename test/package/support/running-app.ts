import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { outsideJest } from './run.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** An application in a process of its own, which prints its URL as its first line and closes when stdin says so. */
export class RunningApp {
  readonly exit: Promise<Exit>;

  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    readonly stderr: () => string,
  ) {
    this.exit = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  }

  static async start(script: string, args: readonly string[], cwd: string): Promise<RunningApp> {
    const child = spawn(process.execPath, [script, ...args], { cwd, env: outsideJest(), stdio: 'pipe' });
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const url = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', resolve);
      child.once('close', (code) => reject(new Error(`${script} ended with ${code} before it listened:\n${stderr}`)));
    });
    return new RunningApp(child, url, () => stderr);
  }

  /** Asks the application to close itself; whether it then exits is its own affair, told by `exit`. */
  askToClose(): void {
    this.child.stdin?.end('close\n');
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.exit;
  }
}
