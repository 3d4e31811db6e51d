import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { InstanceReport } from './report-to-cluster.js';

const AGAIN_MS = 4000;
/** How long an instance may take to end its streams, before it is made to. */
const PATIENCE_MS = 5000;

/** One instance of the sample in a process of its own, which is started again when it has died. */
export class RunningInstance {
  /** Where it can be reached; `undefined` while it cannot. */
  url: string | undefined;
  private child: ChildProcess | undefined;
  private again: NodeJS.Timeout | undefined;
  private stopped = false;

  /**
   * @param temporary folder for the instances' own files
   * @param tell takes a line about what happens to it
   */
  constructor(
    readonly name: string,
    private readonly redisUrl: string,
    private readonly temporary: string,
    private readonly tell: (line: string) => void,
  ) {}

  start(): void {
    const TMPDIR = join(this.temporary, this.name);
    mkdirSync(TMPDIR, { recursive: true });
    const env = { ...process.env, INSTANCE: this.name, REDIS_URL: this.redisUrl, HOST: '127.0.0.1', PORT: '0', TMPDIR };
    // Not its standard output: three watchers would tell the same over and over.
    const child = fork(process.argv[1]!, [], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.child = child;
    child.on('message', ({ url }: InstanceReport) => {
      this.url = url;
      this.tell(`instance ${this.name} serves; to kill it: kill -9 ${child.pid}`);
    });
    child.once('exit', (code, signal) => this.onExit(signal ?? `code ${code}`));
  }

  /** Resolves when its process is gone. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.again);
    const { child } = this;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
    await gone;
    clearTimeout(patience);
  }

  private onExit(why: string): void {
    this.url = undefined;
    this.child = undefined;
    if (this.stopped) return;
    this.tell(`instance ${this.name} is gone (${why}); it is started again in ${AGAIN_MS / 1000} s`);
    this.again = setTimeout(() => this.start(), AGAIN_MS);
  }
}
