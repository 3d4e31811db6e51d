import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A process of the sample, and what it has printed. */
export class SampleProcess {
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  output = '';
  errors = '';
  private readonly child: ChildProcess;

  constructor(args: readonly string[], options: SpawnOptions) {
    this.child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text) => {
      this.output += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text) => {
      this.errors += text;
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** Resolves when it has printed this; fails when it ends before. */
  async printed(pattern: RegExp): Promise<void> {
    const end = this.ended.then(() => 'end' as const);
    while (!pattern.test(this.output)) {
      if ((await Promise.race([once(this.child.stdout!, 'data'), end])) === 'end' && !pattern.test(this.output)) {
        throw new Error(`It ended without printing ${pattern}:\n${this.output}${this.errors}`);
      }
    }
  }

  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL') {
    this.child.kill(signal);
    return this.ended;
  }
}

/** A port that is free now, and can be had again after a restart. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
