import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../sample/support/sample-process.js';

/** Debian has it in a place that is on the PATH of root only. */
const PATH = `${process.env['PATH']}:/usr/sbin`;
const NGINX = process.env['NGINX_PATH'] ?? 'nginx';
const HOW_TO_GET_IT =
  'Install Debian\'s packages "nginx" and "libnginx-mod-nchan", or set NGINX_PATH to an nginx with Nchan.';

/** Whether the tests with nginx can run. Where they must, with CI=true, this says yes, and they fail without it. */
export function canRunNginx(): boolean {
  if (existsSync(nchanModule()) || process.env['CI'] === 'true') return true;
  console.warn(`The tests with nginx are SKIPPED: there is no nginx, or not its module Nchan. ${HOW_TO_GET_IT}`);
  return false;
}

function nchanModule(): string {
  const { stderr } = spawnSync(NGINX, ['-V'], { env: { PATH }, encoding: 'utf8' });
  const [, directory = ''] = /--modules-path=(\S+)/.exec(stderr ?? '') ?? [];
  return join(directory, 'ngx_nchan_module.so');
}

/** An nginx of our own: one port, one temporary folder for everything that it writes, and nothing of the system's. */
export class Nginx {
  private child: ChildProcess | undefined;
  private log = '';

  private constructor(
    private readonly directory: string,
    readonly port: number,
  ) {}

  /**
   * @param locations what stands in its `server` block
   * @param beside what stands beside that block
   */
  static async start(locations: string, beside = ''): Promise<Nginx> {
    if (!existsSync(nchanModule())) throw new Error(`There is no nginx with Nchan. ${HOW_TO_GET_IT}`);
    const nginx = new Nginx(await mkdtemp(join(tmpdir(), 'sse-nginx-')), await freePort());
    await mkdir(join(nginx.directory, 'temp'));
    await writeFile(join(nginx.directory, 'nginx.conf'), configuration(nginx.port, locations, beside));
    try {
      await nginx.run();
    } catch (error) {
      await nginx.remove();
      throw error;
    }
    return nginx;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts it, or starts it again on the same port. */
  async run(): Promise<void> {
    const args = ['-p', this.directory, '-e', 'stderr', '-c', join(this.directory, 'nginx.conf')];
    const child = spawn(NGINX, args, { env: { PATH }, stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    this.log = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.log += text;
    });
    await this.logged(/start worker process \d+/);
  }

  /** Replaces its workers: streams end, and the ports stay open. Nchan forgets its messages. */
  async reload(): Promise<void> {
    this.log = '';
    this.child?.kill('SIGHUP');
    await this.logged(/worker process \d+ exited/);
  }

  /** Stops it at once, in the middle of its streams. */
  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child?.pid || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'close');
  }

  /** Stops it for good. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true });
  }

  private async logged(pattern: RegExp): Promise<void> {
    const { child } = this;
    const closed = once(child!, 'close').then(() => 'closed' as const);
    while (!pattern.test(this.log)) {
      if ((await Promise.race([once(child!.stderr!, 'data'), closed])) === 'closed') {
        throw new Error(`nginx ended without logging ${pattern}:\n${this.log}`);
      }
    }
  }
}

/** With a master process: without one, Nchan delivers nothing. */
function configuration(port: number, locations: string, beside: string): string {
  return `
    load_module ${nchanModule()};
    daemon off;
    worker_processes 1;
    # Ignored unless root runs it, who alone can enter the folder.
    user root;
    pid nginx.pid;
    error_log stderr notice;
    events { worker_connections 256; }
    http {
      access_log off;
      client_body_temp_path temp/body;
      proxy_temp_path temp/proxy;
      fastcgi_temp_path temp/fastcgi;
      uwsgi_temp_path temp/uwsgi;
      scgi_temp_path temp/scgi;
      nchan_shared_memory_size 16M;
      ${beside}
      server {
        listen 127.0.0.1:${port};
        ${locations}
      }
    }
  `;
}
