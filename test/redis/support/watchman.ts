import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Reads process ids, the last one counts; at the end of its input it kills that process and removes the folder. */
const SCRIPT = 'while read -r line; do pid=$line; done; [ -z "$pid" ] || kill -9 "$pid"; rm -rf "$1"';

/**
 * Ends a process and removes its folder when the tests are gone, however they went.
 *
 * A process of its own: of a killed Jest no handler runs, and from a test Jest hides the `exit` of its process.
 */
export class Watchman {
  private readonly shell: ChildProcess;

  constructor(folder: string) {
    // Detached, for Ctrl-C goes to the whole group, and then there would be nobody left to tidy up.
    this.shell = spawn('sh', ['-c', SCRIPT, 'watchman', folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    });
    this.shell.unref();
    this.shell.stdin?.on('error', () => {});
  }

  /** Watches this process from now on, or none. */
  watch(pid: number | undefined): void {
    this.shell.stdin?.write(`${pid ?? ''}\n`);
  }

  /** Does now what was to be done at the end. */
  async finish(): Promise<void> {
    if (this.shell.exitCode !== null || this.shell.signalCode !== null) return;
    const closed = once(this.shell, 'close');
    this.shell.stdin?.end();
    await closed;
  }
}
